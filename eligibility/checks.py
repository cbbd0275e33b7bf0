"""System checks: the programme folders can be read and their rules fit the fact catalogue (`manage.py check`)."""

from django.core import checks

from eligibility.definition import Definition
from eligibility.language import RuleError
from eligibility.registry import load_folder, programme_folders
from eligibility.rules import rulebook, shared_of, whole


@checks.register("programmes")
def folders_hold_rules(app_configs, **options) -> list[checks.CheckMessage]:
    """One error for each folder whose rule cannot be used, one for results that go round in a circle."""
    found: dict[str, Definition] = {}
    errors: list[checks.CheckMessage] = []
    for code, folder in programme_folders().items():
        try:
            definition = load_folder(folder)
            found[code] = whole(definition.to_dict(), shared_of(definition))
        except RuleError as error:
            errors.append(checks.Error(str(error), obj=f"eligibility/programmes/{code}", id="eligibility.E001"))
    if not errors:
        try:
            rulebook(found)
        except RuleError as error:
            errors.append(checks.Error(str(error), obj="eligibility/programmes", id="eligibility.E002"))
    return errors
