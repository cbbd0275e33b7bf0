"""What a programme is: the whole content of its folder as one value, read from TOML or from its stored JSON and written back without loss.

A `Definition` is checked for its shape when it is made; whether its expressions fit the fact catalogue is checked by
`eligibility.engine.check`, because that needs the catalogue and the shared limits.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from eligibility.language import shapes
from eligibility.language.errors import RuleError
from eligibility.language.limits import Limit
from eligibility.language.mends import with_meant
from eligibility.language.messages import message as _
from eligibility.language.tree import digest, to_json
from eligibility.sections import (
    AREAS,
    ID,
    AmountRule,
    Criterion,
    Evidence,
    Variant,
    amount_dict,
    amount_of,
    contacts_of,
    criteria_of,
    criterion_dict,
    evidence_of,
    fields_of,
    floor_of,
    limits_of,
    plain_data,
    section_of,
    sentences_of,
    service_standard_of,
    translations_of,
    variant_dict,
    variants_of,
    windows_of,
    without_empty,
    worked_dict,
    worked_out_of,
)
from eligibility.windows import OPEN, Window, first_day, state_on, window_of_day
from portal.life_events import LIFE_EVENTS

__all__ = ["AREAS", "AmountRule", "Criterion", "Definition", "Evidence", "SharedFile", "Variant", "Window", "plain_data"]

_TEXTS = ("name", "summary", "purpose", "next_steps")
_LISTS = ("life_events", "shares", "takes_off", "counts")
_SECTIONS = {
    "programme",
    "law",
    "limits",
    "worked_out",
    "criteria",
    "amount",
    "evidence",
    "service_standard",
    "contacts",
    "leaves_out",
    "windows",
    "variants",
    "floor",
    "translations",
    "cases",
}


@dataclass(frozen=True)
class SharedFile:
    """Limits and worked-out facts that several programmes use, with their names in other languages."""

    name: str
    limits: dict
    worked_out: dict
    translations: dict = field(default_factory=dict)

    @classmethod
    def from_dict(cls, name, data):
        """Reads a shared file or its stored form. Raises RuleError."""
        if extra := set(shapes.section(data, name)) - {"limits", "worked_out", "translations"}:
            raise RuleError(
                _("A shared file has limits, worked_out and translations, not “%(name)s”.", name=min(extra)), where=name
            )
        translations = translations_of(data.get("translations", {}))
        return cls(name, limits_of(data.get("limits", {})), worked_out_of(data.get("worked_out", {})), translations)

    def to_dict(self):
        """The stored JSON form."""
        return {
            "limits": {name: limit.to_dict() for name, limit in self.limits.items()},
            "worked_out": {name: worked_dict(item) for name, item in self.worked_out.items()},
            **({"translations": self.translations} if self.translations else {}),
        }


@dataclass(frozen=True)
class Definition:
    """One version of a programme, complete. See docs/rules.md for the meaning of each part."""

    code: str
    agency: str
    area: str
    texts: dict
    law: tuple
    criteria: tuple
    limits: dict = field(default_factory=dict)
    worked_out: dict = field(default_factory=dict)
    amount: AmountRule | None = None
    life_events: tuple = ()
    shares: tuple = ()
    takes_off: tuple = ()
    counts: tuple = ()
    evidence: tuple = ()
    service_standard: dict = field(default_factory=dict)
    contacts: dict = field(default_factory=dict)
    leaves_out: dict = field(default_factory=dict)
    windows: tuple = ()
    variants: tuple = ()
    floor: dict = field(default_factory=dict)
    translations: dict = field(default_factory=dict)
    cases: dict = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data):
        """Reads programme.toml as parsed, or the stored JSON. Raises RuleError that names the part."""
        data = shapes.section(plain_data(data), "programme.toml")
        if extra := set(data) - _SECTIONS:
            said = _("There is no section “%(name)s”. Sections are %(names)s.", name=min(extra), names=sorted(_SECTIONS))
            raise RuleError(with_meant(said, min(extra), _SECTIONS))
        head = section_of(data, "programme", {"code", "agency", "area", *_TEXTS[:3]}, {*_LISTS, "next_steps"})
        shapes.texts_in(head, ("code", "agency", "area", *_TEXTS), "programme")
        for name in ("life_events", "shares", "takes_off"):
            shapes.texts(head.get(name, ()), f"programme.{name}")
        if head["area"] not in AREAS:
            raise RuleError(
                _("“%(name)s” is not an area. Use one of %(names)s.", name=head["area"], names=AREAS), where="programme.area"
            )
        if not ID.match(head["code"]):
            raise RuleError(_("A code has small letters, digits and _ only."), where="programme.code")
        if strange := set(head.get("life_events", ())) - set(LIFE_EVENTS):
            raise RuleError(
                _("“%(name)s” is not a life event. Use one of %(names)s.", name=min(strange), names=list(LIFE_EVENTS)),
                where="programme.life_events",
            )
        law = tuple(
            shapes.texts_in(fields_of(item, f"law {number}", {"title"}, {"url"}), ("title", "url"), f"law {number}")
            for number, item in enumerate(shapes.items(data.get("law", ()), "law"), 1)
        )
        if not law:
            raise RuleError(_("Name the law or the scheme the programme rests on: [[law]]."), where="law")
        if not data.get("criteria"):
            raise RuleError(_("A programme needs at least one condition: [[criteria]]."), where="criteria")
        return cls(
            code=head["code"],
            agency=head["agency"],
            area=head["area"],
            **{name: tuple(head.get(name, ())) for name in _LISTS},
            texts={name: head[name] for name in _TEXTS if head.get(name)},
            law=law,
            limits=limits_of(data.get("limits", {})),
            worked_out=worked_out_of(data.get("worked_out", {})),
            criteria=criteria_of(data["criteria"], "criteria"),
            amount=amount_of(data["amount"], "amount") if data.get("amount") else None,
            evidence=evidence_of(data.get("evidence", ())),
            service_standard=service_standard_of(data),
            contacts=contacts_of(data),
            leaves_out=sentences_of(data.get("leaves_out", {}), "leaves_out"),
            windows=windows_of(data.get("windows", ())),
            variants=variants_of(data.get("variants", ())),
            floor=floor_of(data),
            translations=translations_of(data.get("translations", {})),
            cases=shapes.section(data.get("cases", {}), "cases.toml"),
        )

    def to_dict(self):
        """The stored JSON form: `from_dict` of it is equal to this."""
        out: dict[str, Any] = {
            "programme": {"code": self.code, "agency": self.agency, "area": self.area, **self.texts},
            "law": [dict(item) for item in self.law],
            "criteria": [criterion_dict(item) for item in self.criteria],
        }
        out["programme"].update((name, list(items)) for name in _LISTS if (items := getattr(self, name)))
        parts = {
            "limits": {name: limit.to_dict() for name, limit in self.limits.items()},
            "worked_out": {name: worked_dict(item) for name, item in self.worked_out.items()},
            "amount": amount_dict(self.amount) if self.amount else None,
            "evidence": [without_empty({**vars(item), "when": item.when and to_json(item.when)}) for item in self.evidence],
            "service_standard": self.service_standard,
            "contacts": self.contacts,
            "leaves_out": self.leaves_out,
            "windows": [without_empty(vars(item)) for item in self.windows],
            "variants": [variant_dict(item) for item in self.variants],
            "floor": self.floor,
            "translations": self.translations,
            "cases": self.cases,
        }
        out.update((name, value) for name, value in parts.items() if value)
        return out

    @property
    def sha256(self):
        """The hash of everything but the worked examples: two versions with the same hash decide alike and say the same."""
        return digest({name: value for name, value in self.to_dict().items() if name != "cases"})

    def criterion(self, id_):
        """The criterion with this id. Raises KeyError."""
        for item in self.criteria:
            if item.id == id_:
                return item
        raise KeyError(id_)

    def text(self, path, language="en"):
        """A text by its path ("name", "criteria.savings.says"), in `language` where translated, else in English; "" for none."""
        translated = self.translations.get(language, {}).get(path)
        return translated or self._english.get(path, "")

    def english(self):
        """Every text a person can read, by path, in English: what a translator has to do."""
        return dict(self._english)

    @cached_property
    def _english(self):
        texts = dict(self.texts)
        for item in self.criteria:
            for name in ("says", "says_not", "says_unknown"):
                texts[f"criteria.{item.id}.{name}"] = getattr(item, name)
        for name, item in (*self.limits.items(), *self.worked_out.items()):
            kind = "limits" if isinstance(item, Limit) else "worked_out"
            texts[f"{kind}.{name}.label"] = item.label
        if self.amount:
            texts["amount.says"] = self.amount.says
        for item in self.evidence:
            texts[f"evidence.{item.id}.label"] = item.label
            texts.update((f"evidence.{item.id}.any_of.{key}", words) for key, words in item.any_of.items())
        texts["service_standard.says"] = self.service_standard.get("says", "")
        texts.update((f"leaves_out.{key}", words) for key, words in self.leaves_out.items())
        texts.update((f"windows.{number}.says", item.says) for number, item in enumerate(self.windows))
        return {path: words for path, words in texts.items() if words}

    def expressions(self):
        """All (path, tree) pairs of this definition, without its variants."""
        for name, item in self.worked_out.items():
            yield f"worked_out.{name}", item.tree
        for item in self.criteria:
            yield f"criteria.{item.id}.when", item.when
        if self.amount:
            yield "amount.is", self.amount.tree
        for item in self.evidence:
            if item.when is not None:
                yield f"evidence.{item.id}.when", item.when

    def programmes_used(self):
        """Codes of the other programmes whose results this one uses, in its variants too."""
        plans = [self, *(self.with_variant(item) for item in self.variants)]
        trees = [tree for plan in plans for _path, tree in plan.expressions()]
        return {part["code"] for tree in trees for part in tree.walk() if part.op == "programme"}

    def with_variant(self, variant):
        """The definition as it reads where `variant` holds; it has no variants of its own.

        A translation of a text that reads otherwise there is left out: it would say what the common rule says.
        """
        replaced = {item.id: item for item in variant.criteria}
        kept = [replaced.pop(item.id, item) for item in self.criteria if item.id not in variant.leaves_out]
        local = replace(
            self,
            limits={**self.limits, **variant.limits},
            worked_out={**self.worked_out, **variant.worked_out},
            criteria=(*kept, *replaced.values()),
            amount=variant.amount or self.amount,
            variants=(),
            floor={},
        )
        own, common = local.english(), self._english
        translations = {
            language: {path: words for path, words in texts.items() if own.get(path) == common.get(path) and path in own}
            for language, texts in self.translations.items()
        }
        for language, texts in variant.translations.items():
            translations[language] = {**translations.get(language, {}), **texts}
        return replace(local, translations=translations)

    def window_on(self, day):
        """The state of claims on `day` ("open", "closed", "paused") and the path of the sentence that goes with it, "" for none."""
        number = window_of_day(self.windows, day)
        if number is None and any(item.state == OPEN for item in self.windows):
            number = self._next_window(day)
        return state_on(self.windows, day), "" if number is None else f"windows.{number}.says"

    def _next_window(self, day):
        """The window that opens next after a day on which none holds; where no opening comes, the last one that is open."""
        opens_on = first_day(self.windows, day, is_open=True)
        if opens_on is not None:
            return window_of_day(self.windows, opens_on)
        return max(number for number, item in enumerate(self.windows) if item.state == OPEN)
