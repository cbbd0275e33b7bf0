"""What one may ask of a preview: the day, a group, a split. A plain GET form, so that the address can be handed on."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from eligibility.forms.shared import DayField, offer
from eligibility.queries.preview import Dimension
from portal.rendering import present

RESULT = "result"


class PreviewForm(forms.Form):
    """`on`, `split`, one choice for each dimension, and `result` for the results of other programmes together."""

    on = present(
        DayField(label=_("With the rules of"), required=False, error_messages={"invalid": _("The day must be a real date")}),
        show_optional=False,
    )
    split = present(forms.ChoiceField(label=_("A table by"), required=False), show_optional=False)

    def __init__(self, *args: Any, dimensions: Mapping[str, Dimension], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.dimensions = dimensions
        plain = [item for item in dimensions.values() if not item.programme]
        results = [item for item in dimensions.values() if item.programme]
        tables = [(str(words), [(item.code, item.words) for item in items]) for words, items in self._by_category(plain)]
        if results:
            tables.append((str(_("Result of another programme")), [(item.code, item.words) for item in results]))
        offer(self, "split", [("", _("No table")), *tables])
        for item in plain:
            self.fields[item.code] = present(
                forms.ChoiceField(label=str(item.words), required=False, choices=[("", _("All")), *item.options.items()]),
                show_optional=False,
            )
        if results:
            choices = [
                (item.words, [(f"{item.programme}:{code}", words) for code, words in item.options.items()]) for item in results
            ]
            self.fields[RESULT] = present(
                forms.ChoiceField(label=_("Result of another programme"), required=False, choices=[("", _("All")), *choices]),
                show_optional=False,
            )

    @staticmethod
    def _by_category(items: Iterable[Dimension]) -> list[tuple[Any, list[Dimension]]]:
        found: dict[str, tuple[Any, list[Dimension]]] = {}
        for item in items:
            found.setdefault(str(item.category), (item.category, []))[1].append(item)
        return list(found.values())

    def first_fields(self) -> list[forms.BoundField]:
        """The day and the split."""
        return [self["on"], self["split"]]

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The choices of a group, under the headings of the fact catalogue."""
        plain = [item for item in self.dimensions.values() if not item.programme]
        found = [(words, [self[item.code] for item in items]) for words, items in self._by_category(plain)]
        return [*found, (_("Other programmes"), [self[RESULT]])] if RESULT in self.fields else found

    def chosen(self) -> dict[Dimension, str]:
        """{dimension: option} of the group that was asked for; what cannot be read is not in it."""
        values = getattr(self, "cleaned_data", {})
        found = {item: values[code] for code, item in self.dimensions.items() if values.get(code)}
        if values.get(RESULT):
            programme, _colon, option = values[RESULT].partition(":")
            found[self.dimensions[f"result-{programme}"]] = option
        return found

    def split_by(self) -> Dimension | None:
        """The dimension of the table; None for no table."""
        return self.dimensions.get(getattr(self, "cleaned_data", {}).get("split", ""))


class ReleaseForm(forms.Form):
    """Why more previews are allowed today."""

    reason = present(
        forms.CharField(
            label=_("Why more are allowed"),
            max_length=300,
            error_messages={"required": _("Enter why more previews are allowed")},
        ),
        width=20,
    )
