"""What the programme editor shows: an agency's programmes, a version's parts, its worked examples and their results."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy

from eligibility.cases import Failure, read_cases
from eligibility.definition import Definition
from eligibility.folder import to_files
from eligibility.language import to_text
from eligibility.language.errors import RuleError
from eligibility.models import Programme, ProgrammePause, ProgrammeVersion
from eligibility.models.programme import CHECKED, CLOSED, DRAFT, PUBLISHED
from eligibility.queries.catalogue import definition_of
from eligibility.queries.presentation import limit_table, plain
from eligibility.rule_words import with_place
from eligibility.rules import catalogue, tried


@dataclass(frozen=True)
class Line:
    """One programme in an agency's list. pause: the one that runs; is_overdue: it should have gone on by now."""

    code: str
    name: str
    area: str
    in_force: ProgrammeVersion | None
    coming: list[ProgrammeVersion]
    drafts: list[ProgrammeVersion]
    waiting: list[ProgrammeVersion]
    pause: ProgrammePause | None
    is_overdue: bool


def programmes_of(agency_id: UUID, on: dt.date, language: str) -> list[Line]:
    """The agency's programmes by name, with what is in force on `on`, what is being written and whether it is paused."""
    lines = []
    pauses = {pause.programme_id: pause for pause in ProgrammePause.objects.filter(programme__agency_id=agency_id, ended_at=None)}
    for programme in Programme.objects.filter(agency_id=agency_id).prefetch_related("versions__author"):
        versions = list(programme.versions.all())
        in_force = next((version for version in versions if _holds(version, on)), None)
        newest = in_force or max(versions, key=lambda version: version.number, default=None)
        name = newest.definition["programme"]["name"] if newest else programme.code
        if newest:
            name = newest.definition.get("translations", {}).get(language, {}).get("name", name)
        pause = pauses.get(programme.pk)
        lines.append(
            Line(
                code=programme.code,
                name=name,
                area=programme.get_area_display(),
                in_force=in_force,
                coming=[version for version in reversed(versions) if _comes(version, on)],
                drafts=[version for version in versions if version.state == DRAFT],
                waiting=[version for version in versions if version.state == CHECKED],
                pause=pause,
                is_overdue=pause is not None and pause.expected_on is not None and pause.expected_on <= on,
            )
        )
    return sorted(lines, key=lambda line: line.name)


def _holds(version: ProgrammeVersion, on: dt.date) -> bool:
    return (
        version.state in (PUBLISHED, CLOSED)
        and version.first_day <= on
        and (version.effective_to is None or version.effective_to >= on)
    )


def _comes(version: ProgrammeVersion, on: dt.date) -> bool:
    """Whether it is published and begins after `on`; one that was replaced before its first day never does."""
    return (
        version.state in (PUBLISHED, CLOSED)
        and version.first_day > on
        and (version.effective_to is None or version.effective_to >= version.first_day)
    )


def version_of(code: str, number: int) -> ProgrammeVersion:
    """One version with its people. Raises ProgrammeVersion.DoesNotExist."""
    return ProgrammeVersion.objects.select_related("programme__agency", "author", "approver", "based_on").get(
        programme__code=code, number=number
    )


def versions_of(programme: Programme) -> list[ProgrammeVersion]:
    """All versions, drafts too, the newest first."""
    return list(programme.versions.select_related("author", "approver", "based_on").order_by("-number"))


def last_published(versions: Iterable[ProgrammeVersion]) -> ProgrammeVersion | None:
    """Of the versions of one programme the one that none follows: it is in force, or waits for its day."""
    final = [
        version
        for version in versions
        if version.is_final and (version.effective_to is None or version.effective_to >= version.first_day)
    ]
    return max(final, key=lambda version: version.first_day, default=None)


def compared_with(version: ProgrammeVersion, on: dt.date) -> ProgrammeVersion | None:
    """What a version is set beside: what it was made from, or, where that is over (a way back), what is in force on `on`."""
    base = version.based_on
    if base is None or version.is_final or not base.is_final or base.effective_to is None or base.effective_to >= on:
        return base
    in_force = version.programme.versions.in_force(on).first()
    return in_force or base


def conditions(version: ProgrammeVersion, on: dt.date, language: str) -> list[dict[str, Any]]:
    """The criteria as the editor lists them: sentences with the limits of `on`, formula, law, group."""
    definition = definition_of(version)
    return [
        {
            "id": item.id,
            "says": plain(definition.text(f"criteria.{item.id}.says", language), definition, on, language),
            "says_not": plain(definition.text(f"criteria.{item.id}.says_not", language), definition, on, language),
            "formula": to_text(item.when),
            "law": item.law,
            "group": item.group,
        }
        for item in definition.criteria
    ]


def own_limits(version: ProgrammeVersion, on: dt.date, language: str) -> list[dict[str, Any]]:
    """The limits the version itself holds (shared ones are changed for all programmes at once, in their file)."""
    definition = definition_of(version)
    written = Definition.from_dict(version.definition)
    published = version.based_on.definition.get("limits", {}) if version.based_on else {}
    tables = []
    for name in written.limits:
        table = limit_table(definition, definition.limits[name], on, language)
        kept = {row["from"] for row in published.get(name, {}).get("rows", ())}
        for row in table["rows"]:
            row["is_new"] = row["from"].isoformat() not in kept
        tables.append(table)
    return tables


def other_parts(version: ProgrammeVersion, language: str) -> dict[str, Any]:
    """The version's own worked-out facts, amount and evidence: {"worked_out": [...], "amount": formula, "evidence": [...]}."""
    written = Definition.from_dict(version.definition)
    return {
        "worked_out": [
            {
                "name": name,
                "label": written.text(f"worked_out.{name}.label", language) or name.replace("_", " ").capitalize(),
                "formula": to_text(item.tree),
            }
            for name, item in written.worked_out.items()
        ],
        "amount": to_text(written.amount.tree) if written.amount else "",
        "evidence": [
            {
                "id": item.id,
                "label": written.text(f"evidence.{item.id}.label", language),
                "any_of": [written.text(f"evidence.{item.id}.any_of.{key}", language) for key in item.any_of],
                "when": to_text(item.when) if item.when is not None else "",
            }
            for item in written.evidence
        ],
    }


_RESULTS = {
    "likely": gettext_lazy("you may get it"),
    "not_likely": gettext_lazy("does not fit"),
    "unknown": gettext_lazy("not known yet"),
    "met": gettext_lazy("met"),
    "not_met": gettext_lazy("not met"),
    "not there": gettext_lazy("not there"),
    "none": gettext_lazy("none"),
    "open": gettext_lazy("open"),
    "closed": gettext_lazy("closed"),
    "paused": gettext_lazy("paused"),
}
_WHAT = {
    "outcome": gettext_lazy("Result"),
    "amount": gettext_lazy("Amount"),
    "amount_range": gettext_lazy("Range of the amount"),
    "missing": gettext_lazy("Facts that are missing"),
    "window": gettext_lazy("Whether people can apply"),
    "variant": gettext_lazy("Local variant"),
    "facts": gettext_lazy("Facts of the example"),
}


def failure_words(failure: Failure, definition: Definition, language: str) -> dict[str, Any]:
    """How an example differs from what is expected, in words: {"what", "expected", "found"}."""
    kind, _space, name = failure.what.partition(" ")
    what = f"“{_criterion_said(definition, name, language)}”" if kind == "criterion" else _WHAT.get(failure.what, failure.what)

    def said(text: str) -> Any:
        if failure.what in ("outcome", "window") or kind == "criterion":
            return _RESULTS.get(text, text)
        if failure.what == "missing":
            keys = [key.strip() for key in text.strip("[]").split(",") if key.strip()]
            return ", ".join(_fact_said(key, language) for key in keys) or _RESULTS["none"]
        return _RESULTS["none"] if text == "none" else text or _RESULTS["none"]

    return {"what": what, "expected": said(failure.expected), "found": said(failure.found)}


def also_expected(expect: Mapping[str, Any], definition: Definition, language: str) -> list[str]:
    """What an example expects besides its result and amount, in words."""
    found = [
        f"“{_criterion_said(definition, name, language)}”: {_RESULTS.get(result, result)}"
        for name, result in expect.get("criteria", {}).items()
    ]
    if "missing" in expect:
        facts = ", ".join(_fact_said(key, language) for key in expect["missing"]) or str(_RESULTS["none"])
        found.append(f"{_WHAT['missing']}: {facts}")
    if "amount_range" in expect:
        found.append(f"{_WHAT['amount_range']}: {' – '.join(map(str, expect['amount_range']))}")
    return found + [
        f"{_WHAT[name]}: {_RESULTS.get(expect[name], expect[name])}" for name in ("window", "variant") if expect.get(name)
    ]


def _fact_said(key: str, language: str) -> str:
    """A missing fact in words: "people.child1.born_on" is "Date of birth (child1)"."""
    kind, *rest = key.split(".")
    level = "household" if kind == "household" else "person"
    found = catalogue().get(f"{level}.{rest[-1]}") if kind in ("household", "people") and rest else None
    if found is None:
        return key
    words = found.labels.get(language) or found.labels.get("en", found.name)
    return f"{words} ({rest[0].replace('_', ' ')})" if kind == "people" else words


def _criterion_said(definition: Definition, name: str, language: str) -> str:
    """A criterion by its sentence; of a local variant ("newham: band") with the variant's name."""
    place, _colon, id_ = name.rpartition(": ")
    variant = next((item for item in definition.variants if item.id == place), None)
    local = definition.with_variant(variant) if variant is not None else definition
    sentence = plain(local.text(f"criteria.{id_}.says", language), definition, dt.date.max, language) or id_
    return f"{variant.name}: {sentence}" if variant is not None else sentence


def example_results(version: ProgrammeVersion, language: str = "en") -> dict[str, Any]:
    """The worked examples with what was expected and found: {"error", "cases": [{"id", "says", "on", "expected", "found", "failures"}]}."""
    definition = definition_of(version)
    try:
        ran = tried(definition)
    except RuleError as error:
        return {"error": with_place(error), "cases": []}
    return {
        "error": "",
        "never_met": [_criterion_said(definition, name, language) for name in ran.never_met],
        "never_not_met": [_criterion_said(definition, name, language) for name in ran.never_not_met],
        "cases": [
            {
                "id": case.id,
                "says": case.says or case.id.replace("_", " "),
                "on": case.on,
                "expected": case.expect.get("outcome", ""),
                "amount": case.expect.get("amount", ""),
                "found": ran.assessments[case.id].outcome if case.id in ran.assessments else "",
                "found_amount": ran.assessments[case.id].amount if case.id in ran.assessments else "",
                "failures": [
                    failure_words(failure, definition, language)
                    for failure in ran.failures
                    if failure.case == case.id and failure.what != "reasons"
                ],
            }
            for case in read_cases(definition, catalogue())
        ],
    }


def example_sentences(version: ProgrammeVersion, criterion: str, language: str, variant: str = "") -> list[dict[str, str]]:
    """What citizens would read for one criterion, said for the worked examples: one sentence for each result. variant: only where it holds."""
    try:
        ran = tried(definition_of(version))
    except RuleError:
        return []
    found: dict[str, dict[str, str]] = {}
    for case, answer in ran.assessments.items():
        if variant and answer.variant != variant:
            continue
        for item in answer.criteria:
            if item.id == criterion and item.result not in found:
                found[item.result] = {"case": case, "result": item.result, "sentence": item.says(language)}
    return [found[result] for result in ("met", "not_met", "unknown") if result in found]


def files_of(version: ProgrammeVersion) -> dict[str, str]:
    """The version as the text of its folder's files."""
    return to_files(Definition.from_dict(version.definition))
