"""How many different rules and questions were put to the caseload, and how many may be: what keeps the noise from being averaged away.

The numbers and the reasons: `PREVIEW_*` in portal.settings.base, docs/impact-preview.md.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from json import dumps
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from eligibility.models import PreviewAsked, PreviewRelease
from eligibility.queries.preview.effects import Rules
from eligibility.queries.preview.groups import Dimension

MONTH = 30  # days, the one that is asked about among them


class TooMany(Exception):
    """The budget of a programme or of the agency is used up. The message is fit for the person.

    programme: its code. may_be_released: whether a data-protection officer can let it go on today.
    """

    def __init__(self, words: str, programme: str, *, may_be_released: bool):
        super().__init__(words)
        self.programme, self.may_be_released = programme, may_be_released


@dataclass(frozen=True)
class Question:
    """What is asked of the caseload. mark: of the rule; text: of the day, the group and the table, as a hash; both hexadecimal."""

    mark: str
    text: str
    is_changed: bool
    rules_on: dt.date
    groups: dict[str, str]
    split: str

    @classmethod
    def of(cls, rules: Rules, on: dt.date, chosen: dict[Dimension, str], split: Dimension | None) -> "Question":
        groups = {item.code: option for item, option in sorted(chosen.items(), key=lambda pair: pair[0].code)}
        table = split.code if split is not None else ""
        text = sha256(dumps([on.isoformat(), groups, table]).encode()).hexdigest()
        return cls(rules.mark.hex(), text, bool(rules.changed), on, groups, table)


@dataclass(frozen=True)
class Use:
    """What a programme, or an agency, has used on a day, and what it may. month: rules of the last thirty days; None for an agency."""

    rules: int
    most_rules: int
    questions: int
    most_questions: int
    month: int | None = None
    most_month: int = 0

    @property
    def is_used_up(self) -> bool:
        """Whether another rule, or another question, would be too many."""
        return (
            self.rules >= self.most_rules
            or self.questions >= self.most_questions
            or (self.month is not None and self.month >= self.most_month)
        )


def use_of_programme(agency_id: UUID, programme: str, day: dt.date) -> Use:
    """What the programme's previews used until now."""
    asked = PreviewAsked.objects.filter(agency_id=agency_id, programme=programme)
    released = PreviewRelease.objects.filter(agency_id=agency_id, programme=programme)
    lately = Q(day__gt=day - dt.timedelta(days=MONTH), day__lte=day)
    extra, extra_month = released.filter(day=day).count(), released.filter(lately).count()
    return Use(
        rules=_rules(asked.filter(day=day)),
        most_rules=settings.PREVIEW_RULES_A_DAY * (1 + extra),
        questions=_questions(asked.filter(day=day)),
        most_questions=settings.PREVIEW_QUESTIONS_A_DAY * (1 + extra),
        month=_rules(asked.filter(lately)),
        most_month=settings.PREVIEW_RULES_A_MONTH + settings.PREVIEW_RULES_A_DAY * extra_month,
    )


def use_of_agency(agency_id: UUID, day: dt.date) -> Use:
    """What all the agency's previews used until now; each release of the day adds a programme's share."""
    asked = PreviewAsked.objects.filter(agency_id=agency_id, day=day)
    extra = PreviewRelease.objects.filter(agency_id=agency_id, day=day).count()
    return Use(
        rules=_rules(asked),
        most_rules=settings.PREVIEW_RULES_A_DAY_OF_AGENCY + settings.PREVIEW_RULES_A_DAY * extra,
        questions=_questions(asked),
        most_questions=settings.PREVIEW_QUESTIONS_A_DAY_OF_AGENCY + settings.PREVIEW_QUESTIONS_A_DAY * extra,
    )


def _rules(asked: QuerySet[PreviewAsked]) -> int:
    return asked.filter(is_changed=True).aggregate(n=Count("mark", distinct=True))["n"]


def _questions(asked: QuerySet[PreviewAsked]) -> int:
    return asked.values("mark", "question").distinct().count()


def check_budget(agency_id: UUID, programmes: Iterable[str], question: Question, day: dt.date) -> None:
    """Nothing where the question, asked of these programmes together, is within every budget; what was asked before costs nothing.

    Raises TooMany.
    """
    asked = PreviewAsked.objects.filter(agency_id=agency_id)
    month = Q(day__gt=day - dt.timedelta(days=MONTH), day__lte=day)
    for code in programmes:
        own = asked.filter(programme=code, mark=question.mark)
        use = use_of_programme(agency_id, code, day)
        if question.is_changed and not own.filter(day=day).exists():
            if use.rules >= use.most_rules:
                raise TooMany(
                    _("%(n)s different rules were tried on this programme today. That is as many as one day allows.")
                    % {"n": use.rules},
                    code,
                    may_be_released=_may_be_released(agency_id, code, day),
                )
            if use.month is not None and use.month >= use.most_month and not own.filter(month).exists():
                raise TooMany(
                    _("%(n)s different rules were tried on this programme in 30 days. That is as many as a month allows.")
                    % {"n": use.month},
                    code,
                    may_be_released=_may_be_released(agency_id, code, day),
                )
        if use.questions >= use.most_questions and not own.filter(day=day, question=question.text).exists():
            raise TooMany(
                _("%(n)s different questions were asked about this programme today. That is as many as one day allows.")
                % {"n": use.questions},
                code,
                may_be_released=_may_be_released(agency_id, code, day),
            )
        _check_agency(agency_id, code, question, day)


def _check_agency(agency_id: UUID, code: str, question: Question, day: dt.date) -> None:
    use = use_of_agency(agency_id, day)
    known = PreviewAsked.objects.filter(agency_id=agency_id, day=day, mark=question.mark)
    if question.is_changed and use.rules >= use.most_rules and not known.exists():
        words = _("Your agency tried %(n)s different rules today. That is as many as one day allows.") % {"n": use.rules}
        raise TooMany(words, code, may_be_released=_may_be_released(agency_id, code, day))
    if use.questions >= use.most_questions and not known.filter(question=question.text).exists():
        words = _("Your agency asked %(n)s different questions today. That is as many as one day allows.") % {"n": use.questions}
        raise TooMany(words, code, may_be_released=_may_be_released(agency_id, code, day))


def _may_be_released(agency_id: UUID, code: str, day: dt.date) -> bool:
    return not PreviewRelease.objects.filter(agency_id=agency_id, programme=code, day=day).exists()
