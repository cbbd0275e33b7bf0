"""Cases of one's own agency that a version would change, each only as far as the consent gate gives it out, and every look logged."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from consent import needs
from consent.actions.release import release
from consent.models import CaseRecord
from consent.permit import AccessRefused, Released
from consent.queries.gate import decide
from eligibility.case_pages import CasePage, open_cases
from eligibility.engine import Assessment, Compiled
from eligibility.engine.rulebook import assess
from eligibility.interchange import InterchangeError, read_household
from eligibility.models import ProgrammeVersion
from eligibility.queries.preview import rules_of
from eligibility.queries.preview.effects import measured
from eligibility.queries.preview.groups import Dimension
from eligibility.rules import catalogue
from portal.kit.actor import Actor

MOST_SHOWN = 5
MOST_TRIED = 20  # changed cases that the gate is asked about


@dataclass(frozen=True)
class Side:
    """One version's answer for a case. reasons: sentences of the conditions that differ."""

    outcome: str
    amount: str
    reasons: list[str]


@dataclass(frozen=True)
class Example:
    """A case that would change."""

    reference: str
    address: str
    before: Side | None
    after: Side


def example_cases(
    version: ProgrammeVersion, *, by: Actor, on: dt.date, language: str, chosen: Mapping[Dimension, str], at: dt.datetime
) -> list[Example]:
    """Up to MOST_SHOWN of the agency's open cases that change and that the gate gives to `by`.

    Which cases change is found in the pseudonymous typed facts; what is shown of one comes from the gate, worked out anew from the facts
    it released. A case that shows no change with those facts alone is left out. Raises RuleError for rules that do not work together.
    """
    pages = {page.record_id: page for page in open_cases(by, version.programme.code)}
    if not pages:
        return []
    rules = rules_of(version, on=on)
    found = measured(rules, on=on, chosen=chosen, ids=list(pages))
    if not len(found):
        return []
    changing = {UUID(bytes=row.tobytes()) for row in found.ids[found.effects[rules.code].changes]}
    one, two = rules.made_ready(on)
    looked = [page for record_id, page in pages.items() if record_id in changing][:MOST_TRIED]
    asked = frozenset(needs.needed_concepts({rules.code})) | two[rules.code].needs
    records = CaseRecord.objects.select_related("person").in_bulk([page.record_id for page in looked])
    shown = (
        _example(page, _released(by, records.get(page.record_id), rules.code, asked, at), rules.code, one, two, on, language)
        for page in looked
    )
    return list(islice((item for item in shown if item is not None), MOST_SHOWN))


def _released(by: Actor, record: CaseRecord | None, code: str, asked: frozenset[str], at: dt.datetime) -> Released | None:
    """The facts the gate gives out, logged; None where it gives none, which is not a look and is not logged."""
    if record is None:
        return None
    if decide(by=by, record=record, purpose="determination", concepts=asked, now=at, programme=code).is_denied:
        return None
    try:
        return release(by=by, record=record, purpose="determination", concepts=asked, programme=code, at=at)
    except AccessRefused as refusal:
        refusal.keep_trace()
        return None


def _example(
    page: CasePage,
    released: Released | None,
    code: str,
    one: Mapping[str, Compiled],
    two: Mapping[str, Compiled],
    on: dt.date,
    language: str,
) -> Example | None:
    if released is None:
        return None
    try:
        household = read_household({"id": "case", **released.as_household()}, catalogue(), on)
    except InterchangeError:
        return None
    was = assess(household, one, on).get(code)
    now = assess(household, two, on)[code]
    if was is not None and (was.outcome, was.amount, was.amount_range) == (now.outcome, now.amount, now.amount_range):
        return None
    differing = _differing(was, now)
    return Example(
        page.reference,
        page.address,
        _side(was, differing, language) if was is not None else None,
        _side(now, differing, language),
    )


def _differing(was: Assessment | None, now: Assessment) -> set[str]:
    results = {item.id: item.result for item in was.criteria} if was is not None else {}
    return {item.id for item in now.criteria if results.get(item.id) != item.result} if was is not None else set()


def _side(found: Assessment, ids: set[str], language: str) -> Side:
    amount = found.amount_words(language) if found.outcome != "not_likely" else ""
    return Side(found.outcome, amount, [item.says(language) for item in found.criteria if item.id in ids])
