"""What happens in people's lives, by one name everywhere: doors of the start page and of the form, situations in the catalogue.

On the ground floor, because every floor speaks of them. Pure. Codes are never reused.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class LifeEvent:
    """One situation. icon: its picture on the start page. text: in each language, said by the person it happens to."""

    code: str
    icon: str
    text: Mapping[str, str]

    def words(self, language: str) -> str:
        """The situation in `language`, else in English."""
        return self.text.get(language.split("-")[0], self.text["en"])


_ALL = (
    LifeEvent(
        "lost_my_job",
        "briefcase",
        {"en": "I lost my job or earn less", "ar": "فقدت عملي أو قلّ دخلي", "cy": "Collais fy swydd neu rwy'n ennill llai"},
    ),
    LifeEvent(
        "losing_my_home",
        "home",
        {"en": "I may lose my home", "ar": "قد أفقد سكني", "cy": "Efallai y byddaf yn colli fy nghartref"},
    ),
    LifeEvent(
        "having_a_baby",
        "baby-carriage",
        {"en": "We are having a baby", "ar": "ننتظر مولودًا", "cy": "Rydym yn cael babi"},
    ),
    LifeEvent("having_children", "school", {"en": "I have children", "ar": "لديّ أطفال", "cy": "Mae gen i blant"}),
    LifeEvent(
        "caring_for_someone",
        "heart-handshake",
        {"en": "I care for someone", "ar": "أرعى شخصًا آخر", "cy": "Rwy'n gofalu am rywun"},
    ),
    LifeEvent(
        "illness_or_disability",
        "wheelchair",
        {"en": "I am ill or disabled", "ar": "أنا مريض أو لديّ إعاقة", "cy": "Rwy'n sâl neu'n anabl"},
    ),
    LifeEvent(
        "growing_older",
        "clock-hour-4",
        {
            "en": "I am near or over pension age",
            "ar": "أقترب من سن المعاش أو تجاوزته",
            "cy": "Rwy'n agos at oedran pensiwn neu drosto",
        },
    ),
    LifeEvent(
        "leaving_prison",
        "lock-open",
        {"en": "I am coming out of prison", "ar": "سأخرج من السجن", "cy": "Rwy'n dod allan o'r carchar"},
    ),
    LifeEvent(
        "bills_and_debts",
        "bolt",
        {"en": "Heating, bills or debts", "ar": "التدفئة أو الفواتير أو الديون", "cy": "Gwresogi, biliau neu ddyledion"},
    ),
)
LIFE_EVENTS: Mapping[str, LifeEvent] = {event.code: event for event in _ALL}
