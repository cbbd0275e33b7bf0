"""How forms look: Django's own form rendering on OneDoor's component contract.

Use: write plain ``forms.Form`` classes with the fields of :mod:`portal.fields`, add what only the page
knows with :func:`present`, and print ``{{ form }}`` or ``{{ form.name.as_field_group }}``. Every text is
escaped: labels and hints may come from an administrator, and Django's own field template trusts them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.template.loader import select_template

F = TypeVar("F", bound=forms.Field)

COMPOUND_KINDS = frozenset({"radios", "checkboxes", "parts"})


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a page knows about one field beyond its label, hint and validation.

    ``heading``: the label is the page's h1 (one question a page). ``width``: expected characters, one of
    2, 3, 4, 5, 10, 20. ``prefix``/``suffix``: a unit beside the input, such as a currency sign.
    ``show_optional``: add "(optional)" to the label of a field that may stay empty. ``inline``: choices side
    by side, for two short ones. ``choice_hints``: value -> one more line under a choice.
    ``hidden_label``: the label is for screen readers only (a field in a table cell).
    """

    heading: bool = False
    width: int | None = None
    prefix: str = ""
    suffix: str = ""
    inputmode: str = ""
    autocomplete: str = ""
    spellcheck: str = ""
    show_optional: bool = True
    inline: bool = False
    hidden_label: bool = False
    choice_hints: tuple[tuple[str, str], ...] = ()


def present(field: F, **options: Any) -> F:
    """Attach a :class:`Presentation` to a form field and return the field."""
    if isinstance(options.get("choice_hints"), dict):
        options["choice_hints"] = tuple(options["choice_hints"].items())
    return presented(field, Presentation(**options))


def presented(field: F, look: Presentation) -> F:
    """The field, with this presentation attached."""
    shown: Any = field  # Django's fields take attributes; read with a default
    shown.presentation = look
    return field


class PortalBoundField(BoundField):
    """A bound field that knows its kind, its presentation and where an error link must land."""

    CONTROL_CLASSES = {
        "text": "od-input",
        "number": "od-input",
        "email": "od-input",
        "password": "od-input",
        "tel": "od-input",
        "search": "od-input",
        "url": "od-input",
        "date": "od-input",
        "time": "od-input",
        "datetime-local": "od-input",
        "select": "od-select",
        "textarea": "od-textarea",
        "file": "od-file-upload",
    }

    @property
    def kind(self) -> str:
        """One of ``parts``, ``checkboxes``, ``radios``, ``checkbox``, ``input``."""
        widget = self.field.widget
        if isinstance(widget, forms.MultiWidget):
            return "parts"
        if isinstance(widget, forms.CheckboxSelectMultiple):
            return "checkboxes"
        if isinstance(widget, forms.RadioSelect):
            return "radios"
        if isinstance(widget, forms.CheckboxInput):
            return "checkbox"
        return "input"

    @property
    def presentation(self) -> Presentation:
        """The options given with :func:`present`, or the defaults of the field's class."""
        return getattr(self.field, "presentation", Presentation())

    @property
    def broken_parts(self) -> tuple[int, ...]:
        """Positions of the parts of a compound field that its error names; empty means all."""
        found: set[int] = set()
        for error in self.form.errors.as_data().get(self.name, ()) if self.form.is_bound else ():
            found.update((error.params or {}).get("broken_parts", ()))
        return tuple(sorted(found))

    @property
    def first_input_id(self) -> str:
        """The id of the control an error link leads to: always a control, never a wrapper."""
        if self.kind == "parts":
            return f"{self.auto_id}_{next(iter(self.broken_parts), 0)}"
        if self.kind in COMPOUND_KINDS:
            return f"{self.auto_id}_0"
        return self.id_for_label

    @property
    def is_optional(self) -> bool:
        """Whether the label says that the field may stay empty."""
        return not self.field.required and self.presentation.show_optional and self.kind != "checkbox"

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Add classes, input hints and, for compound fields, the parts in error."""
        attrs = cast(dict[str, Any], super().build_widget_attrs(attrs, widget))  # templates take more than text
        widget = widget or self.field.widget
        control = getattr(widget, "input_type", None) or type(widget).__name__.lower()
        css_class = "od-select" if isinstance(widget, forms.Select) and self.kind == "input" else None
        css_class = css_class or self.CONTROL_CLASSES.get(control)
        look = self.presentation
        if css_class:
            classes = [css_class]
            if look.width:
                classes.append(f"{css_class}--width-{look.width}")
            if self.errors:
                classes.append(f"{css_class}--error")
            if own := widget.attrs.get("class"):
                classes.append(own)
            attrs["class"] = " ".join(classes)
        for name in ("inputmode", "autocomplete", "spellcheck"):
            if value := getattr(look, name):
                attrs[name] = value
        if self.kind == "parts" and self.errors:
            parts: Any = widget  # kind "parts": a widget of portal.fields
            parts.broken_parts = self.broken_parts
        if self.kind in ("radios", "checkboxes"):
            attrs["choices"] = {"hints": dict(look.choice_hints), "is_inline": look.inline}
        return attrs


class PortalRenderer(TemplatesSetting):
    """Looks for ``forms/…`` before ``django/forms/…``, so that other applications' widgets still render."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    formset_template_name = "forms/formset.html"
    bound_field_class = PortalBoundField

    def get_template(self, template_name: str) -> Any:
        """Return OneDoor's template of this name if it has one, else Django's."""
        return select_template([template_name.replace("django/forms/", "forms/", 1), template_name])


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """One line of the error summary: the text, and the id of the control to mend (may be empty)."""

    text: str
    target: str


class ErrorSummary:
    """All errors of one or more forms and formsets, in reading order, each with a control to jump to."""

    def __init__(self, *sources: forms.BaseForm | forms.BaseFormSet) -> None:
        self.lines = tuple(line for source in sources for line in _lines(source))

    def __iter__(self) -> Iterator[ErrorLine]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)


def _lines(source: forms.BaseForm | forms.BaseFormSet) -> Iterable[ErrorLine]:
    if isinstance(source, forms.BaseFormSet):
        for text in source.non_form_errors() if source.is_bound else ():
            yield ErrorLine(str(text), _first_target(source.forms[0]) if source.forms else "")
        for form in source.forms:
            yield from _lines(form)
        return
    if not source.is_bound:
        return
    for text in source.errors.get(NON_FIELD_ERRORS, ()):
        yield ErrorLine(str(text), _first_target(source))
    for bound_field in source.hidden_fields():
        for text in bound_field.errors:
            yield ErrorLine(str(text), _first_target(source))
    for bound_field in source.visible_fields():
        for text in bound_field.errors:
            yield ErrorLine(str(text), _target(bound_field))


def _first_target(form: forms.BaseForm) -> str:
    return next((_target(bound_field) for bound_field in form.visible_fields()), "")


def _target(bound_field: BoundField) -> str:
    return getattr(bound_field, "first_input_id", bound_field.id_for_label)
