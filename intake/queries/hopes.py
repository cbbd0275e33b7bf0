"""The way to the first programme that fits: what each page may bring, and which programme is worth finding out about first. Pure.

Somebody who comes wants to hear of one thing that fits, soon. Each open programme is like a row of doors: it fits when all of
its pages are answered as hoped, and the search can be left at the first that is not. Of several such searches the one with the
largest chance for each answer it costs comes first: where searches share nothing, that order needs the fewest answers until the
first success (Gittins's index of a search that pays at its end).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from consent.needs import MET, NOT_MET, Hope, OpenProgramme, Prospect, Way
from intake.draft import Draft, Slot, fact_key
from intake.queries.routes import OF_THE_EVENT, PRIVATE, Routes

AGAINST_HOPE = 0.1  # how probable it is that a programme fits that does not with the answers one hopes for
AFTER_THE_EVENT = 0.5  # the same for what belongs to what happened to the person: the door they came through says so


def hopes(draft: Draft, answered: Collection[str]) -> list[Hope]:
    """What the pages that are not answered may bring, the least likely first. answered: keys of slots."""
    found = []
    for slot in draft.slots:
        if slot.key in answered or slot.question.kind not in {"facts", "which", "who"} or draft.applies(slot) is False:
            continue
        if slot.question.kind == "facts":
            if draft.applies(slot) is None and any(test.chosen for test in slot.question.when):
                continue  # the boxes before it are hoped to stay empty
            facts = {slot.fact_key(code): value for code, value in slot.question.hopefully.items()}
        else:
            facts = dict(_unticked(draft, slot))
        facts = {key: value for key, value in facts.items() if key not in draft.values}
        if facts:
            found.append((slot.question.chance, Hope(slot.key, facts)))
    return [hope for _chance, hope in sorted(found, key=lambda pair: pair[0])]


def _unticked(draft: Draft, slot: Slot) -> Iterator[tuple[str, Any]]:
    """What is so when none of the boxes of a page is ticked; a box that answers a fact itself says what is hoped for."""
    people = draft.candidates(slot.question) if slot.question.kind == "who" else [draft.person(slot.subject)]
    covered = draft.form.covers(slot.question)
    for question in draft.form.questions.values():
        for member in people:
            if question is slot.question or question.is_about_household or member.role in question.about:
                for code in covered.intersection(question.asks):
                    value = question.hopefully.get(code, False) if code not in question.facts else question.otherwise.get(code)
                    yield fact_key(code, member.id), value


def towards(
    routes: Routes,
    programmes: Iterable[OpenProgramme],
    chances: Mapping[str, float],
    private: Collection[str] = (),
    event: str = "",
) -> dict[str, float]:
    """{slot key: worth} of the pages of the programme that is worth finding out about first; empty when none has a way.

    A page counts for every programme it is on the way to, for an answer that helps with several is spent once. chances: how
    probable a good answer to each page is, by slot key. private: slot keys of pages that ask what most people tell nobody; a
    programme of which only such are left counts less.
    """
    goals = []
    for programme in programmes:
        if programme.prospects and (pages := _way(routes, programme, chances, event)):
            weight = OF_THE_EVENT if _is_of(programme, event) else 1.0
            weight *= PRIVATE if pages.keys() <= set(private) else 1.0
            goals.append((_index(pages) * weight, programme.code, pages))
    if not goals:
        return {}
    best = max(goals, key=lambda goal: (round(goal[0], 9), goal[1]))[2]
    return {page: sum(worth for worth, _code, pages in goals if page in pages) for page in best}


def _is_of(programme: OpenProgramme, event: str) -> bool:
    return bool(event) and event in programme.life_events


def _index(pages: Mapping[str, float]) -> float:
    """The chance that a programme fits for each answer it takes to know. pages: {page: chance that its answer is as hoped}.

    Asked in the order in which they are likeliest to end the search, page n is only asked when those before it went well.
    """
    chance, answers = 1.0, 0.0
    for one in sorted(pages.values()):
        answers += chance
        chance *= one
    return chance / answers


def _way(routes: Routes, programme: OpenProgramme, chances: Mapping[str, float], event: str) -> dict[str, float]:
    """{page: chance} of the pages after which the programme fits if all goes well: of each side the best way; else empty."""
    against = AFTER_THE_EVENT if _is_of(programme, event) else AGAINST_HOPE
    found: dict[str, float] = {}
    for ways, prospects in zip(programme.sides, programme.prospects, strict=False):
        best: dict[str, float] = {}
        for missing, prospect in zip(ways, prospects, strict=True):
            pages = _pages(routes, missing, prospect, chances, against)
            if pages and (not best or _index(_both(found, pages)) > _index(_both(found, best))):
                best = pages
        if not best:
            return {}
        found = _both(found, best)
    return found


def _both(one: Mapping[str, float], two: Mapping[str, float]) -> dict[str, float]:
    return {**one, **{page: min(chance, one.get(page, 1.0)) for page, chance in two.items()}}


def _pages(routes: Routes, missing: Way, prospect: Prospect, chances: Mapping[str, float], against: float) -> dict[str, float]:
    """{page: chance} of the pages of one way; empty when it cannot be gone."""
    pages = routes.through(prospect.hopes) if prospect.outcome == MET else routes.to_all(missing)
    if not pages:
        return {}
    if prospect.outcome == NOT_MET:
        return dict.fromkeys(pages, against ** (1 / len(pages)))
    return {page: chances[page] for page in pages}
