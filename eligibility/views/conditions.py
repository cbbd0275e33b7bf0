"""One condition of a draft: as rows for people who do not program, or as a formula. Each can be turned into the other, unsaved."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from eligibility import drafting
from eligibility.builder.rows import MOST_DEEP, Group, Path, Row, item_at, rows_of, tree_from, with_added, with_item, with_wrapped
from eligibility.builder.words import Vocabulary
from eligibility.definition import Criterion, Definition
from eligibility.drafting_local import as_common, name_from
from eligibility.forms.conditions import Part, group_from, part_of, path_of
from eligibility.forms.programmes import CriterionForm
from eligibility.language import RuleError, parse, to_text
from eligibility.models import ProgrammeVersion
from eligibility.queries import editing
from eligibility.queries.catalogue import definition_of, in_force
from eligibility.queries.presentation import plain
from eligibility.rule_words import at_line
from eligibility.views.catalogue import reader_language
from eligibility.views.editor import back_to_place, frame_of, marked, saved
from eligibility.views.place import Place, place_for
from portal.kit.access import needs
from portal.kit.http import PortalRequest
from portal.rendering import ErrorSummary

_TEXTS = ("when", "says", "says_not", "says_unknown", "law", "group", "id")
_SENTENCES = ("says", "says_not", "says_unknown")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def criterion(request: PortalRequest, id_: str = "", **at: Any) -> HttpResponse:
    """Write one condition, or a new one, as rows or as a formula; shows what people would read."""
    where = place_for(request, **at)
    item = next((item for item in where.definition.criteria if item.id == id_), None)
    if id_ and item is None:
        raise Http404
    page = _Page(request, where, item)
    if request.method == "POST":
        if page.post() and page.keep():
            messages.success(request, _("Saved. The worked examples ran again."))
            return back_to_place(where, "conditions")
    else:
        page.open()
    return render(request, "eligibility/admin/criterion.html", page.context())


class _Page:
    """The page while somebody works on it. `group`: the rows, or None where the formula says more than rows can."""

    def __init__(self, request: PortalRequest, place: Place, item: Criterion | None):
        self.request, self.place, self.version, self.item = request, place, place.version, item
        self.definition, self.language = place.definition, reader_language()
        self.today = timezone.localdate()
        self.vocabulary = vocabulary_of(self.version, self.definition, self.today, self.language)
        self.group: Group | None = None
        self.part: Part | None = None
        self.is_beyond = False
        self.texts: dict[str, Any] = {}
        self.form: CriterionForm

    # --- opening and what a button does -----------------------------------------------------------------------------------

    def open(self) -> None:
        """Show what is stored: as rows where they can say it, unless the formula is asked for."""
        self.texts = {"lock_version": self.version.lock_version}
        if self.item is not None:
            self.texts |= {name: getattr(self.item, name) for name in _TEXTS if name != "when"}
            self.texts["when"] = to_text(self.item.when)
        self.is_beyond = self.item is not None and self._rows_of(self.item.when) is None
        if self.request.GET.get("view") != "formula":
            self.group = self._rows_of(self.item.when) if self.item is not None else Group()
        self._show()

    def post(self) -> bool:
        """Do what the button says; whether that was to save. Everything typed is kept."""
        sent = self.request.POST
        self.texts = {name: sent[name] for name in (*_TEXTS, "lock_version") if name in sent}
        what, _space, key = sent.get("do", "save").partition(" ")
        if sent.get("view") == "rows":
            try:
                self.group = group_from(sent, self.vocabulary)
                self.group = self._changed(self.group, what, path_of(key or "root"), sent.get(f"add-{key}-fact", ""))
            except (ValueError, IndexError):
                raise SuspiciousOperation("not a form of this page") from None
        if what == "formula":
            self._to_formula()
        elif what == "rows":
            self._to_rows()
        elif what != "save":
            self._show()
            if what == "row" and self.part is not None and not sent.get(f"add-{key}-fact"):
                self.part.ask_what_about(key)
        return what == "save"

    def _changed(self, group: Group, what: str, path: Path, fact: str) -> Group:
        if what == "row":
            return with_added(group, path, self.vocabulary.completed(Row(fact=fact))) if fact else group
        if what == "group":
            return with_added(group, path, Group("any")) if len(path) + 1 < MOST_DEEP else group
        if what == "out":
            return with_item(group, path, None)
        if what == "wrap":
            wrapped = with_wrapped(group, path)
            return wrapped if wrapped.deep <= MOST_DEEP and item_at(group, path) is not group else group
        return group

    def _to_formula(self) -> None:
        """The same condition as a formula; rows that are not complete stay rows and say what is missing."""
        if self.group is not None and self._rows_are_right():
            self.texts["when"] = to_text(tree_from(self.group))
            self.group = None
        self._show(checked=self.group is not None)

    def _to_rows(self) -> None:
        """The same condition as rows; a formula that cannot be read, or says more, stays and says so."""
        try:
            self.group = self._rows_of(parse(self.texts.get("when", "")))
            self.is_beyond = self.group is None
            self._show()
        except RuleError as problem:
            self.group = None  # the formula is what has to be mended
            self.form = self._text_form(bound=True)
            self.form.errors.clear()
            self.form.add_error("when", at_line(problem))
            self.form.rule_error = marked(problem, self.texts.get("when", ""))

    def _rows_of(self, tree: Any) -> Group | None:
        group = rows_of(tree)
        return group if group is not None and self.vocabulary.takes(group) else None

    # --- saving -----------------------------------------------------------------------------------------------------------

    def keep(self) -> bool:
        """Store the condition, or take it out; what is wrong is shown at its row or field."""
        self.form = self._text_form(bound=True)
        rows_are_right = self.group is None or self._rows_are_right()
        if "remove" in self.request.POST and self.item is not None:
            id_ = self.item.id
            if not self.form.is_valid() and "lock_version" in self.form.errors:
                return False
            return saved(self.request, self.place, self.form, lambda: self.place.changed(lambda data: self._without(data, id_)))
        if not self.form.is_valid() or not rows_are_right:
            return False
        values = {name: value for name, value in self.form.cleaned_data.items() if name != "lock_version"}
        if self.group is not None:
            values["when"] = to_text(tree_from(self.group))
        if self.item is not None:
            values["id"] = self.item.id
        elif not values["id"]:
            values["id"] = name_from(values["says"], {item.id for item in self.place.common.criteria}, "condition")

        def change(data: dict[str, Any]) -> dict[str, Any]:
            known = {item["id"] for item in data.get("criteria", ())} | {item.id for item in self.place.common.criteria}
            if self.item is None and values["id"] in known:
                raise RuleError(_("There is a condition with this short name already. Choose another one."), where="id")
            return drafting.with_criterion(data, values)

        return saved(self.request, self.place, self.form, lambda: self.place.changed(change))

    def _without(self, data: dict[str, Any], id_: str) -> dict[str, Any]:
        return as_common(data, "criterion", id_) if self.place.variant else drafting.without_criterion(data, id_)

    def _rows_are_right(self) -> bool:
        assert self.group is not None
        self.part = part_of(self.group, (), self.vocabulary, self.language, checked=True)
        return not any(form.errors for form in self.part.forms())

    # --- showing ----------------------------------------------------------------------------------------------------------

    def _text_form(self, *, bound: bool) -> CriterionForm:
        return CriterionForm(
            self.texts if bound else None,
            initial=self.texts,
            is_new=self.item is None,
            has_formula=self.group is None,
        )

    def _show(self, *, checked: bool = False) -> None:
        self.form = self._text_form(bound=False)
        if self.group is not None:
            self.part = part_of(self.group, (), self.vocabulary, self.language, checked=checked)

    def context(self) -> dict[str, Any]:
        """What the template needs."""
        id_ = self.item.id if self.item is not None else ""
        variant = self.place.variant
        is_own = self.item is not None and (variant is None or id_ in {item.id for item in variant.criteria})
        return frame_of(
            self.place,
            self.form,
            item=self.item,
            is_own=is_own,
            replaces_common=is_own and variant is not None and id_ in {item.id for item in self.place.common.criteria},
            root=self.part,
            is_beyond=self.is_beyond,
            errors=ErrorSummary(*(self.part.forms() if self.part else ()), self.form),
            readings=self._readings(),
            sentences=editing.example_sentences(self.version, id_, self.language, self.place.id) if id_ else [],
            limits=sorted(self.definition.limits),
            worked_out=sorted(self.definition.worked_out),
        )

    def _readings(self) -> list[dict[str, Any]]:
        """The condition and its sentences in every language, with the limits of today and no person's values."""
        group = self.group
        if group is None:
            try:
                group = self._rows_of(parse(self.texts.get("when", "")))
            except RuleError:
                group = None
        found = []
        for language, name in settings.LANGUAGES:
            translated = self.definition.translations.get(language, {})
            id_ = self.item.id if self.item is not None else ""
            words = {
                part: self.texts.get(part, "") if language == "en" else translated.get(f"criteria.{id_}.{part}", "")
                for part in _SENTENCES
            }
            found.append(
                {
                    "language": language,
                    "name": name,
                    "direction": "rtl" if language in settings.LANGUAGES_BIDI else "ltr",
                    "reading": self.vocabulary.reading(group, language) if group is not None else None,
                    "missing": sum(bool(self.texts.get(part)) and not words[part] for part in _SENTENCES),
                    "sentences": [
                        plain(sentence, self.definition, self.today, language) for sentence in words.values() if sentence
                    ],
                }
            )
        return found


def vocabulary_of(version: ProgrammeVersion, definition: Definition, on: dt.date, language: str) -> Vocabulary:
    """What conditions of a version can speak of: its own facts and limits, and the results of the programmes in force."""
    others = {
        other.programme.code: definition_of(other).text("name", language)
        for other in in_force(on)
        if other.programme_id != version.programme_id
    }
    return Vocabulary(definition, others, on)
