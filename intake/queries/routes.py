"""Which pages stand between the person and a fact, and what each page is worth. Pure.

A page is what the person sees as one question, whatever number of facts it answers.
"""

from collections.abc import Collection, Iterable, Iterator

from consent.facts import catalogue
from consent.needs import OpenProgramme, Way
from intake.definition import HOUSEHOLD, Form, Question, Test
from intake.draft import Draft, Slot, fact_key

PER_PAGE = 1.4  # how much less a programme counts for each page it still needs
NOT_FITTING = 1 / 32  # how much it counts to find out that a programme does not fit: that is no help yet
RARE = 0.3  # how much a programme counts that fits few people
OF_THE_EVENT = 4.0  # how much more a programme counts that belongs to what happened to the person
AMOUNT_ONLY = 0.25  # how much a programme counts of which only the amount is open
PRIVATE = 0.5  # how much a page counts that asks for something most people do not tell anybody


class Routes:
    """The ways through one draft to what is not known yet."""

    def __init__(self, draft: Draft, asked_again: Collection[str] = ()) -> None:
        """asked_again: keys of answered slots that are put to the person once more."""
        self._draft = draft
        self._answered = set(draft.answers) - set(asked_again)
        self._by_key = {slot.key: slot for slot in draft.slots}
        self._chains: dict[str, frozenset[str] | None] = {}
        self._asking: dict[str, Slot] = {}
        for slot in draft.slots:
            for code in slot.question.asks:
                self._asking.setdefault(slot.fact_key(code), slot)

    def to(self, key: str) -> frozenset[str] | None:
        """The pages (slot keys) after which a missing fact is known, whatever is answered; None when no page can tell."""
        slot = self._asking.get(key)
        return None if slot is None else self._through(slot)

    def to_all(self, keys: Iterable[str]) -> frozenset[str] | None:
        """The pages after which all of the facts are known; None when some never will be."""
        found: frozenset[str] = frozenset()
        for key in keys:
            pages = self.to(key)
            if pages is None:
                return None
            found |= pages
        return found

    def through(self, keys: Iterable[str]) -> frozenset[str] | None:
        """Pages (slot keys) and those before them; None when one of them is not asked."""
        found: frozenset[str] = frozenset()
        for key in keys:
            pages = self._through(self._by_key[key])
            if pages is None:
                return None
            found |= pages
        return found

    def _through(self, slot: Slot) -> frozenset[str] | None:
        if slot.key not in self._chains:
            self._chains[slot.key] = None  # a circle leads nowhere
            self._chains[slot.key] = self._chain(slot)
        return self._chains[slot.key]

    def _chain(self, slot: Slot) -> frozenset[str] | None:
        if slot.key in self._answered:
            return None
        applies = self._draft.applies(slot)
        if applies is False or self._draft.is_refused(slot):
            return None
        found = frozenset({slot.key})
        if applies is None:
            for test in slot.question.when:
                if self._draft.holds((test,), slot.subject) is None:
                    before = self._before(test, slot)
                    if before is None and test.chosen:
                        return None
                    found |= before or frozenset()
        return found

    def _before(self, test: Test, slot: Slot) -> frozenset[str] | None:
        if test.chosen:
            question = self._draft.form.questions[test.chosen]
            subject = HOUSEHOLD if question.is_about_household else slot.subject
            asked = self._by_key.get(f"{subject}/{question.code}")
            return None if asked is None else self._through(asked)
        return self.to(slot.fact_key(test.fact) if test.fact else fact_key("person.born_on", slot.subject))


def worth(routes: Routes, programmes: Iterable[OpenProgramme], event: str = "") -> dict[str, float]:
    """{slot key: what the page is worth}: the sum over the programmes it helps to decide.

    The nearer a programme is to being decided, the more its pages count: what is begun is brought to an end, and a page that
    helps with several comes before one that helps with one. The shortest way to "it fits" counts most, for that is the
    answer people come for; each way to "it does not fit" counts a little. What belongs to the life event counts more, what
    few people get counts less.
    """
    found: dict[str, float] = {}
    for programme in programmes:
        event_weight = OF_THE_EVENT if event and event in programme.life_events else 1.0
        for pages, weight in _goals(routes, programme):
            for page in pages:
                found[page] = found.get(page, 0.0) + event_weight * weight * PER_PAGE ** -len(pages)
    return found


def _goals(routes: Routes, programme: OpenProgramme) -> Iterator[tuple[frozenset[str], float]]:
    """The ways to decide a programme, as sets of pages, and what each counts."""
    if not programme.is_undecided:
        if (pages := routes.to_all(programme.missing)) is not None:
            yield pages, AMOUNT_ONLY
        return
    for side in programme.sides:
        if (pages := routes.to_all(key for way in side for key in way)) is not None:
            yield pages, NOT_FITTING
    weight = RARE if programme.is_rare else 1.0
    for sides in (programme.sides, programme.usual_sides):
        if sides and (shortest := _shortest(routes, sides)):
            yield shortest, weight


def _shortest(routes: Routes, sides: Iterable[tuple[Way, ...]]) -> frozenset[str]:
    """The fewest pages after which one way of every side may be met; none when a side can be met no more."""
    found: frozenset[str] = frozenset()
    for side in sides:
        ways = [pages for way in side if (pages := routes.to_all(way)) is not None]
        if not ways:
            return frozenset()
        found = min((pages | found for pages in ways), key=len)
    return found


def decisive(routes: Routes, programmes: Iterable[OpenProgramme]) -> dict[str, frozenset[str]]:
    """{code: pages} of the programmes that are decided for certain when all of these pages are answered, whatever the answers."""
    found = {}
    for programme in programmes:
        if programme.is_undecided and (pages := routes.to_all(programme.missing)):
            found[programme.code] = pages
    return found


def is_private(form: Form, question: Question) -> bool:
    """Whether a page asks for something most people do not tell anybody: health, offences."""
    return any(catalogue()[code].sensitivity != "normal" for code in form.covers(question))
