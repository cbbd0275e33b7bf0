"""The yearly uprating: the new values of an agency's limits become part of a draft of each programme they touch, a new one or one under way."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.actions.programmes import DraftConflict, NotReady, begin_draft, save_draft
from eligibility.definition import Definition
from eligibility.language import RuleError
from eligibility.models import Programme, ProgrammeVersion
from eligibility.models.programme import CHECKED, DRAFT
from eligibility.queries.shared import newest
from eligibility.queries.uprating import INTO, SHARED, Entry, NewValue, Problem, UnreadableSheet, newest_of
from eligibility.queries.uprating_drafts import why_blocked
from eligibility.rule_words import sentence, with_place
from eligibility.uprating_rows import Meeting, cells_at, with_values
from portal.kit.access import Refused
from portal.kit.actor import Actor

LONGEST_NOTE = 500


@dataclass(frozen=True)
class Choice:
    """Where the new values of a programme go. into: the number of a draft, None for a new one; lock_version: its saves as it was read.

    seen: the numbers of all drafts under way that the person was shown. is_open: nothing was chosen yet.
    """

    into: int | None = None
    lock_version: int = 0
    seen: frozenset[int] = frozenset()
    is_open: bool = False


@dataclass(frozen=True)
class Clash:
    """A draft that shall take the new values has another one for the same day. code: of its programme."""

    code: str
    version: ProgrammeVersion
    meeting: Meeting

    @property
    def key(self) -> str:
        """Names it in a form."""
        return f"{self.code}.{self.version.number}.{self.meeting.key}"


class Undecided(Exception):
    """Values meet in drafts: somebody has to say which of the two counts. problems: whatever else is wrong."""

    def __init__(self, clashes: list[Clash], problems: list[Problem]):
        super().__init__(f"{len(clashes)} values meet")
        self.clashes, self.problems = clashes, problems


@transaction.atomic
def uprate(
    *,
    by: Actor,
    values: Iterable[NewValue],
    note: str,
    at: dt.datetime,
    today: dt.date,
    choices: Mapping[str, Choice] | None = None,
    answers: Mapping[str, str] | None = None,
) -> list[ProgrammeVersion]:
    """Put the new values into a draft of each programme, a new dated row for each limit; a shared limit reaches all that use it.

    choices: {programme: where they go}, as somebody chose who was shown the drafts under way; None: nobody was asked, all go into new
    drafts. answers: {`Clash.key`: "draft" | "new"}. A draft of the same person that reads the same already is not made a second time, and
    one that holds the values already is left alone, so that a form sent twice does what it does once.

    All or nothing: raises UnreadableSheet with every problem, Undecided where values meet, Refused for another agency's programme.
    """
    values = list(values)
    versions = newest_of(by.agency_id, today)
    of_owner: dict[str, list[NewValue]] = {}
    for value in values:
        of_owner.setdefault(value.entry.owner, []).append(value)
    files, problems = _changed_files({name: lines for name, lines in of_owner.items() if name.startswith(SHARED)})
    codes = {name for name in of_owner if not name.startswith(SHARED)}
    if codes - set(versions):
        raise Refused(_("Only programme admins of the agency may change its programmes."))
    codes |= {code for code, version in versions.items() if set(version.shared) & set(files)}
    list(Programme.objects.select_for_update().filter(code__in=codes).order_by("code"))  # two uprates at once wait for each other
    run = _Run(by, note, at, today, of_owner, files, dict(answers or {}), problems)
    for code in sorted(codes):
        choice = None if choices is None else choices.get(code, Choice())
        run.programme(versions[code], choice)
    if run.clashes:
        raise Undecided(run.clashes, run.problems)
    if run.problems:
        raise UnreadableSheet(run.problems)
    return run.drafts


@dataclass
class _Run:
    """One uprating, programme by programme."""

    by: Actor
    note: str
    at: dt.datetime
    today: dt.date
    of_owner: Mapping[str, list[NewValue]]
    files: Mapping[str, dict[str, Any]]
    answers: Mapping[str, str]
    problems: list[Problem]
    drafts: list[ProgrammeVersion] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)

    def programme(self, base: ProgrammeVersion, choice: Choice | None) -> None:
        """Put the values of one programme where they were chosen to go."""
        code = base.programme.code
        lines = self.of_owner.get(code, [])
        waiting = list(
            base.programme.versions.filter(state__in=[DRAFT, CHECKED]).select_related(
                "programme__agency", "based_on__based_on", "author"
            )
        )
        try:
            if choice is not None and choice.into is not None:
                self._into(base, waiting, choice)
            else:
                self._into_new(base, waiting, choice, lines)
        except (DraftConflict, NotReady) as problem:
            self._wrong(base, str(problem))
        except RuleError as problem:
            self.problems.append(_problem(code, lines, problem))

    def _into_new(
        self, base: ProgrammeVersion, waiting: list[ProgrammeVersion], choice: Choice | None, lines: list[NewValue]
    ) -> None:
        data, _none = with_values(base.definition, lines)
        shared = {**base.shared, **{name: self.files[name] for name in base.shared if name in self.files}}
        plain = Definition.from_dict(data).to_dict()
        for version in waiting:
            is_own = version.state == DRAFT and version.author_id == self.by.user_id
            if is_own and version.definition == plain and version.shared == shared:
                self.drafts.append(version)
                return
        if choice is not None and choice.is_open:
            self._wrong(base, _("Choose whether the new values go into a new draft or into one that is under way."))
            return
        if choice is not None and (unseen := [version for version in waiting if version.number not in choice.seen]):
            who = unseen[0].author.name if unseen[0].author is not None else ""
            words = _(
                "%(name)s began version %(number)s after you opened this page. Look at it, then choose where the new values go."
            )
            self._wrong(base, words % {"name": who, "number": unseen[0].number})
            return
        draft = begin_draft(by=self.by, version=base, at=self.at, note=self.note)
        self.drafts.append(self._saved(draft, data, shared, draft.lock_version))

    def _into(self, base: ProgrammeVersion, waiting: list[ProgrammeVersion], choice: Choice) -> None:
        version = next((version for version in waiting if version.number == choice.into), None)
        if version is None or version.state == CHECKED:
            self._wrong(base, _("The draft you chose is not a draft any more. Choose again where the new values go."))
            return
        if blocked := why_blocked(version, base):
            self._wrong(base, blocked)
            return
        data, meetings = with_values(
            version.definition,
            self.of_owner.get(base.programme.code, []),
            keys=lambda entry: cells_at(base.definition, entry, self.today),
            answers=self._answers_for(version),
        )
        shared, shared_meetings = self._shared(base, version)
        meetings += shared_meetings
        is_same = Definition.from_dict(data).to_dict() == version.definition and shared == version.shared
        if is_same and not meetings:
            self.drafts.append(version)
        elif version.lock_version != choice.lock_version:
            words = _(
                "Somebody saved version %(number)s after you opened this page. Look at it, then choose where the new values go."
            )
            self._wrong(base, words % {"number": version.number})
        elif meetings:
            self.clashes += [Clash(base.programme.code, version, meeting) for meeting in meetings]
        else:
            self.drafts.append(self._saved(version, data, shared, choice.lock_version, note=_joined(version.note, self.note)))

    def _shared(self, base: ProgrammeVersion, version: ProgrammeVersion) -> tuple[dict[str, Any], list[Meeting]]:
        """The draft's shared files with the new values: a file it left alone as everybody has it then, one of its own with both."""
        shared, meetings = dict(version.shared), list[Meeting]()
        for name, changed in self.files.items():
            if name not in shared:
                continue
            if shared[name] == base.shared.get(name):
                shared[name] = changed
                continue
            own = newest(name)

            def keys(entry: Entry, own: dict[str, Any] = own) -> dict[str, Any] | None:
                return cells_at(own, entry, self.today)

            lines = self.of_owner[f"{SHARED}{name}"]
            shared[name], met = with_values(shared[name], lines, keys=keys, answers=self._answers_for(version))
            meetings += met
        return shared, meetings

    def _answers_for(self, version: ProgrammeVersion) -> dict[str, str]:
        """{`Meeting.key`: answer} of one draft."""
        head = f"{version.programme.code}.{version.number}."
        return {key.removeprefix(head): answer for key, answer in self.answers.items() if key.startswith(head)}

    def _saved(
        self,
        draft: ProgrammeVersion,
        data: dict[str, Any],
        shared: dict[str, Any],
        lock_version: int,
        note: str | None = None,
    ) -> ProgrammeVersion:
        return save_draft(
            by=self.by,
            version_id=draft.pk,
            data=data,
            lock_version=lock_version,
            at=self.at,
            note=note,
            shared=shared if shared != draft.shared else None,
        )

    def _wrong(self, base: ProgrammeVersion, words: str) -> None:
        self.problems.append(Problem(words, f"{INTO}{base.programme.code}"))


def _joined(own: str, note: str) -> str:
    """A draft's own note, and what the new values are for, where there is room."""
    if note in own:
        return own
    joined = f"{own}; {note}" if own else note
    return joined if len(joined) <= LONGEST_NOTE else own


def _changed_files(of_owner: Mapping[str, list[NewValue]]) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """The shared files with their new rows, by name."""
    files, problems = {}, []
    for owner, lines in of_owner.items():
        name = owner.removeprefix(SHARED)
        try:
            files[name], _none = with_values(newest(name), lines)
        except RuleError as problem:
            problems.append(_problem(name, lines, problem))
    return files, problems


def _problem(owner: str, lines: list[NewValue], problem: RuleError) -> Problem:
    """The error at the value that it speaks of, where it names a limit of the sheet."""
    limit = problem.where.rpartition("limits.")[2].split(".")[0] if "limits." in problem.where else ""
    line = next((line for line in lines if line.entry.limit == limit), None)
    if line is not None:
        return Problem(sentence(problem), line.entry.key, "value", line.number)
    return Problem(f"{lines[0].entry.used_by if lines else owner}: {with_place(problem)}")
