"""Whether a programme takes applications: its version, its windows and its pauses, as one answer with its words."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import gettext as _

from eligibility.language.wording import day as day_words
from eligibility.models import OpeningReminder, Programme, ProgrammeEnding, ProgrammePause, ProgrammeVersion
from eligibility.models.programme import CLOSED as REPLACED
from eligibility.models.programme import PUBLISHED
from eligibility.queries.catalogue import definition_of, in_force, version_in_force
from eligibility.windows import CLOSED, OPEN, PAUSED, Window, first_day

COMING, ENDED = "coming", "ended"
ONLINE, IN_PERSON = "online", "in_person"


@dataclass(frozen=True)
class Opening:
    """Whether claims are taken on a day.

    state: open | closed | paused | coming (its first version is still to come) | ended (no version holds any more). says: the
    agency's own sentence about it. opens_on: the next day on which it is open, closes_on: the last day of this opening; None
    where none is known. channels: codes of the ways to apply, none where the programme names none.
    """

    state: str
    headline: str
    says: str = ""
    opens_on: dt.date | None = None
    closes_on: dt.date | None = None
    channels: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether applications are taken."""
        return self.state == OPEN

    @property
    def is_online(self) -> bool:
        """Whether a person can apply here by themselves."""
        return not self.channels or ONLINE in self.channels

    @property
    def is_at_counter(self) -> bool:
        """Whether an officer can apply here for the person in front of them."""
        return self.is_online or IN_PERSON in self.channels

    @property
    def sentence(self) -> str:
        """The state in words with what the agency says about it; "" for a programme that is always open."""
        return " ".join(part for part in (self.headline, self.says) if part)


@dataclass(frozen=True)
class Orders:
    """What admins ordered beside the versions. pauses: {programme id: the pause that runs}; endings: {programme id: [confirmed ones]}."""

    pauses: Mapping[UUID, ProgrammePause]
    endings: Mapping[UUID, list[ProgrammeEnding]]

    def ending_of(self, version: ProgrammeVersion) -> ProgrammeEnding | None:
        """The end of the programme with this version; None where another version followed or may follow."""
        found = self.endings.get(version.programme_id, [])
        return next((ending for ending in found if ending.last_day == version.effective_to), None)


def orders_for(versions: Iterable[ProgrammeVersion]) -> Orders:
    """The pauses of these versions' programmes, and the ends of those with a last day. One statement, two where one has."""
    versions = list(versions)
    if not versions:
        return Orders({}, {})
    limited = {version.programme_id for version in versions if version.effective_to is not None}
    endings: dict[UUID, list[ProgrammeEnding]] = {}
    for ending in ProgrammeEnding.objects.filter(programme__in=limited, confirmed_at__isnull=False) if limited else ():
        endings.setdefault(ending.programme_id, []).append(ending)
    return Orders(running_pauses(version.programme_id for version in versions), endings)


def opening_of(version: ProgrammeVersion, on: dt.date, language: str, orders: Orders) -> Opening:
    """The opening of a version in force on `on`."""
    definition = definition_of(version)
    channels = tuple(definition.contacts.get("channels", ()))
    pause = orders.pauses.get(version.programme_id)
    if pause is not None:
        back = pause.expected_on if pause.expected_on and pause.expected_on > on else None
        opens_on = first_day(definition.windows, back, is_open=True) if back else None
        return Opening(PAUSED, _headline(PAUSED, opens_on, None, language), pause.words(language), opens_on, None, channels)
    ending = orders.ending_of(version)
    state, path = definition.window_on(on)
    says = definition.text(path, language) if path else ""
    if state == OPEN:
        closed_from = first_day(definition.windows, on, is_open=False)
        closes_on = closed_from - dt.timedelta(days=1) if closed_from else None
        if ending is not None and (closes_on is None or ending.last_day <= closes_on):
            closes_on, says = ending.last_day, ending.words(language)
        return Opening(state, _headline(state, None, closes_on, language), says, None, closes_on, channels)
    opens_on = first_day(definition.windows, on, is_open=True)
    if ending is not None and opens_on is not None and opens_on > ending.last_day:
        opens_on, says = None, ending.words(language)
    return Opening(state, _headline(state, opens_on, None, language), says, opens_on, None, channels)


def openings(versions: Iterable[ProgrammeVersion], on: dt.date, language: str) -> dict[str, Opening]:
    """{code: opening} of versions in force on `on`."""
    versions = list(versions)
    orders = orders_for(versions)
    return {version.programme.code: opening_of(version, on, language, orders) for version in versions}


def opening_of_programme(code: str, on: dt.date, language: str) -> Opening | None:
    """The opening of any programme that was ever published; None for one that was not."""
    version = next(iter(in_force(on, [code])), None)
    if version is not None:
        return openings([version], on, language)[code]
    version = nearest_version(code, on)
    return away(version, on, language) if version is not None else None


@dataclass(frozen=True)
class Shown:
    """The version of a programme that is shown to everybody, whether it takes applications, and the day whose limits hold:
    today, the first day of one that is still to come, or the last of one that has ended."""

    version: ProgrammeVersion
    opening: Opening
    on: dt.date


def shown(code: str, today: dt.date, language: str) -> Shown | None:
    """What is shown of a programme that was ever published; None for one that was not."""
    version = version_in_force(code, today)
    if version is not None:
        return Shown(version, openings([version], today, language)[code], today)
    version = nearest_version(code, today)
    if version is None:
        return None
    opening = away(version, today, language)
    return Shown(version, opening, (version.effective_from if opening.state == COMING else version.effective_to) or today)


def nearest_version(code: str, on: dt.date) -> ProgrammeVersion | None:
    """Of a programme without a version in force on `on`: the one that comes next, else the one that was last in force."""
    held = ProgrammeVersion.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=F("effective_from")), programme__code=code, state__in=[PUBLISHED, REPLACED]
    ).select_related("programme__agency")
    coming = held.filter(effective_from__gt=on).order_by("effective_from").first()
    return coming or held.filter(effective_to__lt=on).order_by("-effective_to").first()


def away(version: ProgrammeVersion, on: dt.date, language: str) -> Opening:
    """The opening of a version that holds only later, or held only before."""
    assert version.effective_from is not None  # it was published
    definition = definition_of(version)
    channels = tuple(definition.contacts.get("channels", ()))
    if version.effective_from > on:
        opens_on = first_day(definition.windows, version.effective_from, is_open=True)
        return Opening(COMING, _headline(COMING, version.effective_from, None, language), "", opens_on, None, channels)
    ending = orders_for([version]).ending_of(version)
    says = ending.words(language) if ending else ""
    return Opening(ENDED, _headline(ENDED, None, version.effective_to, language), says, None, None, channels)


def running_pauses(programme_ids: Iterable[UUID]) -> dict[UUID, ProgrammePause]:
    """{programme id: the pause that runs now}."""
    return {pause.programme_id: pause for pause in ProgrammePause.objects.filter(programme__in=set(programme_ids), ended_at=None)}


def pauses_of(programme: Programme) -> list[ProgrammePause]:
    """All pauses of a programme, the newest first."""
    return list(ProgrammePause.objects.filter(programme=programme).select_related("begun_by", "ended_by"))


def asked_ending(programme: Programme) -> ProgrammeEnding | None:
    """The end of a programme that waits for a second person."""
    rows = ProgrammeEnding.objects.filter(programme=programme, confirmed_at=None, dropped_at=None)
    return rows.select_related("asked_by", "programme").first()


def waits_for(record_id: UUID) -> set[str]:
    """Codes of the programmes whose opening the person wants to be told of."""
    return set(OpeningReminder.objects.filter(record_id=record_id).values_list("programme__code", flat=True))


def window_words(window: Window, says: str, language: str) -> str:
    """A window as a sentence: "Open each year from 15 September to 31 March. <what the agency says>"."""
    days = {
        "opens": window_day_words(window.opens, language),
        "closes": window_day_words(window.closes, language),
    }
    if window.is_yearly:
        words = {
            OPEN: _("Open each year from %(opens)s to %(closes)s."),
            CLOSED: _("Closed each year from %(opens)s to %(closes)s."),
            PAUSED: _("Paused each year from %(opens)s to %(closes)s."),
        }[window.state]
    else:
        words = {
            OPEN: _("Open from %(opens)s to %(closes)s."),
            CLOSED: _("Closed from %(opens)s to %(closes)s."),
            PAUSED: _("Paused from %(opens)s to %(closes)s."),
        }[window.state]
    return " ".join(part for part in (words % days, says) if part)


def window_day_words(text: str, language: str) -> str:
    """A day of a window in words; without the year where it comes each year."""
    if len(text) == 10:
        return day_words(dt.date.fromisoformat(text), language)
    return day_words(dt.date.fromisoformat(f"2000-{text}"), language).removesuffix(" 2000")


def _headline(state: str, opens_on: dt.date | None, closes_on: dt.date | None, language: str) -> str:
    days = {
        "opens": day_words(opens_on, language) if opens_on else "",
        "closes": day_words(closes_on, language) if closes_on else "",
    }
    if state == OPEN:
        return _("Open until %(closes)s.") % days if closes_on else ""
    if state == PAUSED:
        return _("Paused. It should go on from %(opens)s.") % days if opens_on else _("Paused.")
    if state == COMING:
        return _("It begins on %(opens)s.") % days
    if state == ENDED:
        return _("It ended on %(closes)s.") % days
    return _("Closed now. It opens on %(opens)s.") % days if opens_on else _("Closed. No new opening is known.")
