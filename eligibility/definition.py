"""What a programme is: the whole content of its folder as one value, read from TOML or from its stored JSON and written back without loss.

A `Definition` is checked for its shape when it is made; whether its expressions fit the fact catalogue is checked by
`eligibility.engine.check`, because that needs the catalogue and the shared limits.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from eligibility.language.checker import WorkedOut
from eligibility.language.errors import RuleError
from eligibility.language.limits import Limit
from eligibility.language.parser import RESERVED, tree_of
from eligibility.language.tree import digest, to_json
from eligibility.language.types import PERIODS

AREAS = ("income", "housing", "health_care", "education", "employment", "justice")
CHANNELS = ("online", "phone", "post", "in_person")
WINDOW_STATES = ("open", "closed", "paused")
ROUNDING = ("down", "up", "nearest")
_TEXTS = ("name", "summary", "purpose", "next_steps")
_ID = re.compile(r"[a-z][a-z0-9_]*\Z")
_DAY = re.compile(r"(\d{4}-)?\d{2}-\d{2}\Z")
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
    "translations",
    "cases",
}


@dataclass(frozen=True)
class Criterion:
    """One condition with its sentences. group: criteria of one group are alternatives; empty: must be met."""

    id: str
    when: object
    says: str
    says_not: str
    law: str
    says_unknown: str = ""
    group: str = ""


@dataclass(frozen=True)
class AmountRule:
    """How much. per: once or a period. how, to: rounding of the final amount (pounds), empty for none."""

    tree: object
    per: str
    says: str = ""
    how: str = ""
    to: str = ""


@dataclass(frozen=True)
class Evidence:
    """Something to show. any_of: {id: sentence}, one of them is enough. when: only asked where this holds."""

    id: str
    label: str
    any_of: dict
    when: object = None


@dataclass(frozen=True)
class Window:
    """When claims are taken. opens, closes: "MM-DD" each year or a full date, both inclusive."""

    opens: str
    closes: str
    state: str = "open"
    says: str = ""


@dataclass(frozen=True)
class Variant:
    """A local scheme: what it replaces in or adds to the common rule for some councils. leaves_out: criteria that do not count."""

    id: str
    name: str
    local_authorities: tuple
    law: str
    limits: dict = field(default_factory=dict)
    worked_out: dict = field(default_factory=dict)
    criteria: tuple = ()
    amount: AmountRule | None = None
    leaves_out: tuple = ()


@dataclass(frozen=True)
class SharedFile:
    """Limits and worked-out facts that several programmes use."""

    name: str
    limits: dict
    worked_out: dict

    @classmethod
    def from_dict(cls, name, data):
        """Reads a shared file or its stored form. Raises RuleError."""
        if extra := set(data) - {"limits", "worked_out"}:
            raise RuleError(f"A shared file has limits and worked_out, not “{min(extra)}”.", where=name)
        return cls(name, _limits(data.get("limits", {})), _worked_out(data.get("worked_out", {})))

    def to_dict(self):
        """The stored JSON form."""
        return {
            "limits": {name: limit.to_dict() for name, limit in self.limits.items()},
            "worked_out": {name: _worked_dict(item) for name, item in self.worked_out.items()},
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
    evidence: tuple = ()
    service_standard: dict = field(default_factory=dict)
    contacts: dict = field(default_factory=dict)
    leaves_out: dict = field(default_factory=dict)
    windows: tuple = ()
    variants: tuple = ()
    translations: dict = field(default_factory=dict)
    cases: dict = field(default_factory=dict)

    @classmethod
    def from_dict(cls, data):
        """Reads programme.toml as parsed, or the stored JSON. Raises RuleError that names the part."""
        data = plain_data(data)
        if extra := set(data) - _SECTIONS:
            raise RuleError(f"There is no section “{min(extra)}”. Sections are {', '.join(sorted(_SECTIONS))}.")
        head = _section(data, "programme", {"code", "agency", "area", *_TEXTS[:3]}, {"life_events", "shares", "next_steps"})
        if head["area"] not in AREAS:
            raise RuleError(f"“{head['area']}” is not an area. Use one of {', '.join(AREAS)}.", where="programme.area")
        if not _ID.match(head["code"]):
            raise RuleError("A code has small letters, digits and _ only.", where="programme.code")
        law = tuple(_fields(item, f"law {number}", {"title"}, {"url"}) for number, item in enumerate(data.get("law", ()), 1))
        if not law:
            raise RuleError("Name the law or the scheme the programme rests on: [[law]].", where="law")
        if not data.get("criteria"):
            raise RuleError("A programme needs at least one criterion: [[criteria]].", where="criteria")
        return cls(
            code=head["code"],
            agency=head["agency"],
            area=head["area"],
            life_events=tuple(head.get("life_events", ())),
            shares=tuple(head.get("shares", ())),
            texts={name: head[name] for name in _TEXTS if head.get(name)},
            law=law,
            limits=_limits(data.get("limits", {})),
            worked_out=_worked_out(data.get("worked_out", {})),
            criteria=_criteria(data["criteria"], "criteria"),
            amount=_amount(data["amount"], "amount") if data.get("amount") else None,
            evidence=_evidence(data.get("evidence", ())),
            service_standard=_service_standard(data),
            contacts=_contacts(data),
            leaves_out=_sentences(data.get("leaves_out", {}), "leaves_out"),
            windows=tuple(_window(item) for item in data.get("windows", ())),
            variants=_variants(data.get("variants", ())),
            translations=_translations(data.get("translations", {})),
            cases=data.get("cases", {}),
        )

    def to_dict(self):
        """The stored JSON form: `from_dict` of it is equal to this."""
        out = {
            "programme": {"code": self.code, "agency": self.agency, "area": self.area, **self.texts},
            "law": [dict(item) for item in self.law],
            "criteria": [_criterion_dict(item) for item in self.criteria],
        }
        if self.life_events:
            out["programme"]["life_events"] = list(self.life_events)
        if self.shares:
            out["programme"]["shares"] = list(self.shares)
        parts = {
            "limits": {name: limit.to_dict() for name, limit in self.limits.items()},
            "worked_out": {name: _worked_dict(item) for name, item in self.worked_out.items()},
            "amount": _amount_dict(self.amount) if self.amount else None,
            "evidence": [_without_empty({**vars(item), "when": item.when and to_json(item.when)}) for item in self.evidence],
            "service_standard": self.service_standard,
            "contacts": self.contacts,
            "leaves_out": self.leaves_out,
            "windows": [_without_empty(vars(item)) for item in self.windows],
            "variants": [_variant_dict(item) for item in self.variants],
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
        return translated or self.english().get(path, "")

    def english(self):
        """Every text a person can read, by path, in English: what a translator has to do."""
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
        trees = [tree for plan in plans for _, tree in plan.expressions()]
        return {part["code"] for tree in trees for part in tree.walk() if part.op == "programme"}

    def with_variant(self, variant):
        """The definition as it reads where `variant` holds; it has no variants of its own."""
        replaced = {item.id: item for item in variant.criteria}
        kept = [replaced.pop(item.id, item) for item in self.criteria if item.id not in variant.leaves_out]
        return replace(
            self,
            limits={**self.limits, **variant.limits},
            worked_out={**self.worked_out, **variant.worked_out},
            criteria=(*kept, *replaced.values()),
            amount=variant.amount or self.amount,
            variants=(),
        )

    def window_on(self, day):
        """The state of claims on `day` ("open", "closed", "paused") and the sentence that goes with it."""
        for number, item in enumerate(self.windows):
            if _within(item, day):
                return item.state, f"windows.{number}.says"
        closed = any(item.state == "open" for item in self.windows)
        return ("closed" if closed else "open"), "windows.0.says" if closed else ""


def plain_data(value):
    """TOML values as JSON values: dates as ISO text, exact decimals as text. Whole numbers and booleans stay."""
    if isinstance(value, dict):
        return {key: plain_data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_data(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        raise RuleError("Numbers with a fraction must be read exactly, not as floats.")
    return value


def _within(window, day):
    if len(window.opens) == 10:
        return window.opens <= day.isoformat() <= window.closes
    today = day.isoformat()[5:]
    if window.opens <= window.closes:
        return window.opens <= today <= window.closes
    return today >= window.opens or today <= window.closes


def _without_empty(data):
    return {key: list(value) if isinstance(value, tuple) else value for key, value in data.items() if value not in ("", None, (), {}, [])}


def _fields(data, where, needed, optional=frozenset()):
    if not isinstance(data, dict):
        raise RuleError("This should be a section with named values.", where=where)
    if missing := {name for name in needed if data.get(name) in (None, "")}:
        raise RuleError(f"“{min(missing)}” is missing.", where=where)
    if extra := set(data) - set(needed) - set(optional):
        raise RuleError(f"There is no “{min(extra)}” here. Possible are {', '.join(sorted({*needed, *optional}))}.", where=where)
    return dict(data)


def _section(data, name, needed, optional):
    return _fields(data.get(name, {}), name, needed, optional)


def _tree(value, where):
    try:
        return tree_of(value)
    except RuleError as error:
        raise error.at(where, value if isinstance(value, str) else "") from None


def _limits(data):
    for name in data:
        _name(name, f"limits.{name}")
    return {name: Limit.from_dict(name, item) for name, item in data.items()}


def _name(name, where, reserved=False):
    if not _ID.match(name):
        raise RuleError("A name has small letters, digits and _ only, and begins with a letter.", where=where)
    if reserved and name in RESERVED:
        raise RuleError(f"“{name}” is a word of the rule language; choose another name.", where=where)


def _worked_out(data):
    out = {}
    for name, item in data.items():
        where = f"worked_out.{name}"
        _name(name, where, reserved=True)
        item = _fields(item, where, {"is"}, {"for", "label"})
        if item.get("for") not in (None, "person"):
            raise RuleError("“for” can only be \"person\".", where=where)
        if item.get("for") and name in ("age", "role"):
            raise RuleError(f"Every person has “{name}” already; choose another name.", where=where)
        out[name] = WorkedOut(name, _tree(item["is"], where), item.get("for") == "person", item.get("label", ""))
    return out


def _worked_dict(item):
    return _without_empty({"is": to_json(item.tree), "label": item.label, "for": "person" if item.for_person else ""})


def _criteria(data, where):
    found = []
    for number, item in enumerate(data, 1):
        place = f"{where}.{item.get('id', number)}" if isinstance(item, dict) else f"{where} {number}"
        item = _fields(item, place, {"id", "when", "says", "says_not", "law"}, {"says_unknown", "group"})
        _name(item["id"], place)
        if item["id"] in {other.id for other in found}:
            raise RuleError("Two criteria have this id.", where=place)
        found.append(Criterion(**{**item, "when": _tree(item["when"], f"{place}.when")}))
    return tuple(found)


def _criterion_dict(item):
    return _without_empty({**vars(item), "when": to_json(item.when)})


def _amount(data, where):
    item = _fields(data, where, {"is", "per"}, {"round", "says"})
    if item["per"] not in ("once", *PERIODS):
        raise RuleError(f"“per” is one of once, {', '.join(PERIODS)}.", where=where)
    rounding = _fields(item.get("round", {"how": "nearest", "to": "0.01"}), f"{where}.round", {"how", "to"})
    unit = _number(rounding["to"])
    if rounding["how"] not in ROUNDING or unit <= 0 or unit % Decimal("0.01"):
        raise RuleError("Write round = { how = \"down\", to = 0.01 }; how is down, up or nearest, to is whole pence in pounds.", where=where)
    how, to = (rounding["how"], str(rounding["to"])) if "round" in item else ("", "")
    return AmountRule(_tree(item["is"], f"{where}.is"), item["per"], item.get("says", ""), how, to)


def _number(value):
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return Decimal(-1)
    return found if found.is_finite() else Decimal(-1)


def _amount_dict(item):
    out = {"is": to_json(item.tree), "per": item.per}
    if item.says:
        out["says"] = item.says
    if item.how:
        out["round"] = {"how": item.how, "to": item.to}
    return out


def _evidence(data):
    found = []
    for number, item in enumerate(data, 1):
        where = f"evidence.{item.get('id', number)}"
        item = _fields(item, where, {"id", "label", "any_of"}, {"when"})
        _name(item["id"], where)
        when = _tree(item["when"], f"{where}.when") if "when" in item else None
        found.append(Evidence(item["id"], item["label"], _sentences(item["any_of"], f"{where}.any_of"), when))
    return tuple(found)


def _sentences(data, where):
    if not isinstance(data, dict) or not all(isinstance(words, str) and words for words in data.values()):
        raise RuleError("Write key = \"sentence\" for each.", where=where)
    return dict(data)


def _service_standard(data):
    if not data.get("service_standard"):
        return {}
    item = _section(data, "service_standard", {"working_days"}, {"says"})
    if not isinstance(item["working_days"], int) or not 0 < item["working_days"] < 400:
        raise RuleError("working_days is a whole number of days.", where="service_standard")
    return item


def _contacts(data):
    item = _section(data, "contacts", set(), {"phone", "url", "email", "channels", "address"})
    if extra := set(item.get("channels", ())) - set(CHANNELS):
        raise RuleError(f"“{min(extra)}” is not a channel. Use {', '.join(CHANNELS)}.", where="contacts.channels")
    return item


def _window(data):
    item = Window(**_fields(data, "windows", {"opens", "closes"}, {"state", "says"}))
    if not (_DAY.match(item.opens) and _DAY.match(item.closes) and len(item.opens) == len(item.closes)):
        raise RuleError("opens and closes are both a day of the year (09-15) or both a date (2026-09-15).", where="windows")
    if item.state not in WINDOW_STATES:
        raise RuleError(f"state is one of {', '.join(WINDOW_STATES)}.", where="windows")
    return item


def _variants(data):
    found = []
    for number, item in enumerate(data, 1):
        where = f"variants.{item.get('id', number)}"
        item = _fields(
            item, where, {"id", "name", "local_authorities", "law"}, {"limits", "worked_out", "criteria", "amount", "leaves_out"}
        )
        taken = {code for other in found for code in other.local_authorities}
        if doubled := taken & set(item["local_authorities"]):
            raise RuleError(f"{min(doubled)} has a variant already.", where=where)
        found.append(
            Variant(
                id=item["id"],
                name=item["name"],
                local_authorities=tuple(item["local_authorities"]),
                law=item["law"],
                limits=_limits(item.get("limits", {})),
                worked_out=_worked_out(item.get("worked_out", {})),
                criteria=_criteria(item.get("criteria", ()), f"{where}.criteria"),
                amount=_amount(item["amount"], f"{where}.amount") if item.get("amount") else None,
                leaves_out=tuple(item.get("leaves_out", ())),
            )
        )
    return tuple(found)


def _variant_dict(item):
    return _without_empty(
        {
            **vars(item),
            "limits": {name: limit.to_dict() for name, limit in item.limits.items()},
            "worked_out": {name: _worked_dict(worked) for name, worked in item.worked_out.items()},
            "criteria": [_criterion_dict(criterion) for criterion in item.criteria],
            "amount": _amount_dict(item.amount) if item.amount else None,
        }
    )


def _translations(data):
    return {language: _sentences(texts, f"translations.{language}") for language, texts in data.items()}
