"""Versions of programmes as rules that run: whole in themselves, together as one rulebook, and tried on their worked examples.

Pure but for the fact catalogue of `consent`: no database, no clock.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from consent import facts
from eligibility.cases import CaseReport, run_cases
from eligibility.definition import Definition, SharedFile
from eligibility.engine import Rulebook, check
from eligibility.language import Catalogue, RuleError, catalogue_from
from eligibility.language.mends import with_meant
from eligibility.language.messages import message as _
from eligibility.registry import shared_files


@cache
def catalogue() -> Catalogue:
    """The facts rules may name."""
    return catalogue_from(facts.catalogue())


def shared_of(definition: Definition) -> dict[str, Any]:
    """The shared files a definition names, as they read now, in stored form. Raises RuleError for one that is not there."""
    return shared_of_names(definition.shares)


def shared_of_names(names: Iterable[str]) -> dict[str, Any]:
    """Shared files as installed, in stored form. Raises RuleError for one that is not there."""
    files = shared_files()
    if gone := set(names) - set(files):
        said = _("There is no shared file “%(name)s”. There are: %(names)s.", name=min(gone), names=sorted(files))
        raise RuleError(with_meant(said, min(gone), files), where="programme.shares")
    return {name: files[name].to_dict() for name in names}


def whole(data: Mapping[str, Any], shared: Mapping[str, Any]) -> Definition:
    """A definition from its stored form with the shared limits built in. Raises RuleError as `with_shared`."""
    return with_shared(Definition.from_dict(dict(data)), shared)


def with_shared(definition: Definition, shared: Mapping[str, Any]) -> Definition:
    """The definition with its shared limits built in, so that it stands on nothing outside itself.

    Raises RuleError for a name that is defined twice.
    """
    limits: dict[str, Any] = {}
    worked_out: dict[str, Any] = {}
    translations: dict[str, dict[str, str]] = {}
    for name in definition.shares:
        part = SharedFile.from_dict(name, shared[name])
        if doubled := (set(limits) & set(part.limits)) | (set(worked_out) & set(part.worked_out)):
            raise RuleError(_("“%(name)s” is defined in two shared files.", name=min(doubled)), where="programme.shares")
        limits |= part.limits
        worked_out |= part.worked_out
        for language, texts in part.translations.items():
            translations[language] = {**translations.get(language, {}), **texts}
    for language, texts in definition.translations.items():
        translations[language] = {**translations.get(language, {}), **texts}
    for kind, own, common in (("limits", definition.limits, limits), ("worked_out", definition.worked_out, worked_out)):
        if doubled := set(own) & set(common):
            raise RuleError(
                _("This name is already defined in a shared file. Choose another name."), where=f"{kind}.{min(doubled)}"
            )
    return replace(
        definition,
        limits={**limits, **definition.limits},
        worked_out={**worked_out, **definition.worked_out},
        translations=translations,
        shares=(),
    )


def rulebook(definitions: Mapping[str, Definition]) -> Rulebook:
    """Whole definitions that may use each other's results. Raises RuleError for a circle or a result that is not there."""
    return Rulebook(definitions, {}, catalogue())


def tried(definition: Definition) -> CaseReport:
    """The worked examples of a whole definition, run. Raises RuleError when rule or examples cannot be read."""
    errors = check(definition, {}, catalogue())
    if errors:
        raise errors[0]
    return run_cases(definition, {}, catalogue())


def report(definition: Definition) -> dict[str, Any]:
    """How the worked examples ended, as kept with a version: {"passed", "failed": [{"case", "what", "expected", "found"}], ...}.

    never_met, never_not_met: criteria that no example makes so. Raises RuleError as `tried`.
    """
    ran = tried(definition)
    broken = {failure.case for failure in ran.failures}
    return {
        "passed": ran.count - len(broken),
        "failed": [
            {"case": failure.case, "what": failure.what, "expected": failure.expected, "found": failure.found}
            for failure in ran.failures
        ],
        "never_met": list(ran.never_met),
        "never_not_met": list(ran.never_not_met),
    }
