"""The parts of a programme and how each is read from its section of programme.toml, and written back."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from eligibility.language.errors import RuleError
from eligibility.language.limits import Limit
from eligibility.language.mends import with_meant
from eligibility.language.messages import message as _
from eligibility.language.parser import RESERVED, tree_of
from eligibility.language.shapes import items, section, text, texts, texts_in
from eligibility.language.tree import to_json
from eligibility.language.typed import WorkedOut
from eligibility.language.types import PERIODS
from eligibility.windows import Window, check
from portal.places import place_words

AREAS = ("income", "housing", "health_care", "education", "employment", "justice")
CHANNELS = ("online", "phone", "post", "in_person")
ROUNDING = ("down", "up", "nearest")
ID = re.compile(r"[a-z][a-z0-9_]*\Z")


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
class Variant:
    """A local scheme: what it replaces in or adds to the common rule for some councils. leaves_out: criteria that do not count.

    agency: slug of the agency that wrote it where that is another than the programme's; "" for the programme's own.
    translations: {language: {path: text}} of its own texts, by the paths of the definition it makes.
    """

    id: str
    name: str
    local_authorities: tuple
    law: str
    agency: str = ""
    limits: dict = field(default_factory=dict)
    worked_out: dict = field(default_factory=dict)
    criteria: tuple = ()
    amount: AmountRule | None = None
    leaves_out: tuple = ()
    translations: dict = field(default_factory=dict)

    @property
    def is_empty(self):
        """Whether it changes nothing of the common rule."""
        return not (self.limits or self.worked_out or self.criteria or self.amount or self.leaves_out)


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
        raise RuleError(_("Numbers with a fraction must be read exactly, not as floats."))
    return value


def without_empty(data):
    """A dict without empty values, tuples as lists."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in data.items()
        if value not in ("", None, (), {}, [])
    }


def fields_of(data, where, needed, optional=frozenset()):
    """A section as a dict, checked for what is missing and what does not belong. Raises RuleError."""
    section(data, where)
    if missing := {name for name in needed if data.get(name) in (None, "")}:
        raise RuleError(_("“%(name)s” is missing.", name=min(missing)), where=where)
    if extra := set(data) - set(needed) - set(optional):
        known = sorted({*needed, *optional})
        said = _("There is no “%(name)s” here. Possible are %(names)s.", name=min(extra), names=known)
        raise RuleError(with_meant(said, min(extra), known), where=where)
    return dict(data)


def section_of(data, name, needed, optional):
    """A named section of a definition. Raises RuleError."""
    return fields_of(data.get(name, {}), name, needed, optional)


def _tree(value, where):
    try:
        return tree_of(value)
    except RuleError as error:
        raise error.at(where, value if isinstance(value, str) else "") from None


def limits_of(data):
    """{name: Limit} of a [limits.*] section. Raises RuleError."""
    for name in section(data, "limits"):
        _name(name, f"limits.{name}")
    return {name: Limit.from_dict(name, item) for name, item in data.items()}


def _name(name, where, reserved=False):
    if not ID.match(text(name, where)):
        raise RuleError(_("A name has small letters, digits and _ only, and begins with a letter."), where=where)
    if reserved and name in RESERVED:
        raise RuleError(_("“%(name)s” is a word of the rule language; choose another name.", name=name), where=where)


def worked_out_of(data):
    """{name: WorkedOut} of a [worked_out.*] section. Raises RuleError."""
    out = {}
    for name, item in section(data, "worked_out").items():
        where = f"worked_out.{name}"
        _name(name, where, reserved=True)
        item = texts_in(fields_of(item, where, {"is"}, {"for", "label"}), ("label",), where)
        if item.get("for") not in (None, "person"):
            raise RuleError(_('“for” can only be "person".'), where=where)
        if item.get("for") and name in ("age", "role"):
            raise RuleError(_("Every person has “%(name)s” already; choose another name.", name=name), where=where)
        out[name] = WorkedOut(name, _tree(item["is"], where), item.get("for") == "person", item.get("label", ""))
    return out


def worked_dict(item):
    """The stored form of a worked-out fact."""
    return without_empty({"is": to_json(item.tree), "label": item.label, "for": "person" if item.for_person else ""})


_CRITERION_TEXTS = ("says", "says_not", "law")


def criteria_of(data, where):
    """The criteria of a definition or variant. Raises RuleError."""
    found: list[Criterion] = []
    for number, item in enumerate(items(data, where), 1):
        place = f"{where}.{item.get('id', number)}" if isinstance(item, dict) else f"{where} {number}"
        item = fields_of(item, place, {"id", "when", *_CRITERION_TEXTS}, {"says_unknown", "group"})
        texts_in(item, (*_CRITERION_TEXTS, "says_unknown", "group"), place)
        _name(item["id"], place)
        if item["id"] in {other.id for other in found}:
            raise RuleError(_("Two conditions have this id. Give each an id of its own."), where=place)
        found.append(Criterion(**{**item, "when": _tree(item["when"], f"{place}.when")}))
    return tuple(found)


def criterion_dict(item):
    """The stored form of a criterion."""
    return without_empty({**vars(item), "when": to_json(item.when)})


def amount_of(data, where):
    """The AmountRule of an [amount] section. Raises RuleError."""
    item = texts_in(fields_of(data, where, {"is", "per"}, {"round", "says"}), ("per", "says"), where)
    if item["per"] not in ("once", *PERIODS):
        raise RuleError(_("“per” is one of %(names)s.", names=("once", *PERIODS)), where=where)
    rounding = fields_of(item.get("round", {"how": "nearest", "to": "0.01"}), f"{where}.round", {"how", "to"})
    unit = _number(rounding["to"])
    if rounding["how"] not in ROUNDING or unit <= 0 or unit % Decimal("0.01"):
        raise RuleError(
            _('Write round = { how = "down", to = 0.01 }; how is down, up or nearest, to is whole pence in pounds.'), where=where
        )
    how, to = (rounding["how"], str(rounding["to"])) if "round" in item else ("", "")
    return AmountRule(_tree(item["is"], f"{where}.is"), item["per"], item.get("says", ""), how, to)


def _number(value):
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return Decimal(-1)
    return found if found.is_finite() else Decimal(-1)


def amount_dict(item):
    """The stored form of an amount rule."""
    out = {"is": to_json(item.tree), "per": item.per}
    if item.says:
        out["says"] = item.says
    if item.how:
        out["round"] = {"how": item.how, "to": item.to}
    return out


def evidence_of(data):
    """The evidence lists. Raises RuleError."""
    found = []
    for number, item in enumerate(items(data, "evidence"), 1):
        where = f"evidence.{item.get('id', number)}" if isinstance(item, dict) else f"evidence {number}"
        item = texts_in(fields_of(item, where, {"id", "label", "any_of"}, {"when"}), ("label",), where)
        _name(item["id"], where)
        when = _tree(item["when"], f"{where}.when") if "when" in item else None
        found.append(Evidence(item["id"], item["label"], sentences_of(item["any_of"], f"{where}.any_of"), when))
    return tuple(found)


def sentences_of(data, where):
    """A dict of sentences. Raises RuleError."""
    if not isinstance(data, dict) or not all(isinstance(words, str) and words for words in data.values()):
        raise RuleError(_('Write key = "sentence" for each.'), where=where)
    return dict(data)


def service_standard_of(data):
    """The service standard, {} for none. Raises RuleError."""
    if not data.get("service_standard"):
        return {}
    item = texts_in(section_of(data, "service_standard", {"working_days"}, {"says"}), ("says",), "service_standard")
    if type(item["working_days"]) is not int or not 0 < item["working_days"] < 400:
        raise RuleError(_("working_days is a whole number of days, 1 to 399."), where="service_standard")
    return item


def contacts_of(data):
    """Phone, address and channels. Raises RuleError."""
    item = section_of(data, "contacts", set(), {"phone", "url", "email", "channels", "address"})
    texts_in(item, ("phone", "url", "email", "address"), "contacts")
    if extra := set(texts(item.get("channels", ()), "contacts.channels")) - set(CHANNELS):
        raise RuleError(
            _("“%(name)s” is not a channel. Use %(names)s.", name=min(extra), names=CHANNELS), where="contacts.channels"
        )
    return item


def windows_of(data):
    """The windows. Raises RuleError for one that cannot be, and for two that meet."""
    found = []
    for number, item in enumerate(items(data, "windows")):
        where = f"windows.{number}"
        item = fields_of(item, where, {"opens", "closes"}, {"state", "says"})
        found.append(Window(**texts_in(item, item, where)))
    check(found)
    return tuple(found)


def variants_of(data):
    """The local variants. Raises RuleError."""
    if not isinstance(data, (list, tuple)):
        raise RuleError(_("Local variants are written as [[variants]]."), where="variants")
    found: list[Variant] = []
    for number, item in enumerate(data, 1):
        where = f"variants.{item.get('id', number)}" if isinstance(item, dict) else f"variants {number}"
        item = fields_of(item, where, {"id", "name", "local_authorities", "law"}, _VARIANT_PARTS)
        _name(item["id"], where)
        _variant_fits(item, found, where)
        try:
            made = Variant(
                id=item["id"],
                name=item["name"],
                local_authorities=tuple(item["local_authorities"]),
                law=item["law"],
                agency=item.get("agency", ""),
                limits=limits_of(item.get("limits", {})),
                worked_out=worked_out_of(item.get("worked_out", {})),
                criteria=criteria_of(item.get("criteria", ()), "criteria"),
                amount=amount_of(item["amount"], "amount") if item.get("amount") else None,
                leaves_out=tuple(texts(item.get("leaves_out", ()), "leaves_out")),
                translations=translations_of(item.get("translations", {})),
            )
        except RuleError as error:
            raise error.below(where) from None
        found.append(made)
    return tuple(found)


_VARIANT_PARTS = {"agency", "limits", "worked_out", "criteria", "amount", "leaves_out", "translations"}


def _variant_fits(item, others, where):
    """Councils are codes, and each has one variant at most. Raises RuleError."""
    councils = item["local_authorities"]
    if not isinstance(councils, (list, tuple)) or not all(isinstance(code, str) and ID.match(code) for code in councils):
        raise RuleError(_('Write local_authorities = ["newham"], with the codes of the councils.'), where=where)
    if not isinstance(item.get("agency", ""), str):
        raise RuleError(_('Write agency = "...", with the short name of the agency.'), where=where)
    if item["id"] in {other.id for other in others}:
        raise RuleError(_("Two local variants have this id. Give each an id of its own."), where=where)
    for other in others:
        if doubled := set(other.local_authorities) & set(councils):
            raise RuleError(
                _(
                    "%(council)s has the local variant “%(name)s” already. A council can have one only.",
                    council=place_words(min(doubled)),
                    name=other.name,
                ),
                where=where,
            )


def variant_dict(item):
    """The stored form of a variant."""
    return without_empty(
        {
            **vars(item),
            "limits": {name: limit.to_dict() for name, limit in item.limits.items()},
            "worked_out": {name: worked_dict(worked) for name, worked in item.worked_out.items()},
            "criteria": [criterion_dict(criterion) for criterion in item.criteria],
            "amount": amount_dict(item.amount) if item.amount else None,
        }
    )


def floor_of(data):
    """What local variants may only widen: {"criteria": [ids], "limits": [names], "result": true}, {} for nothing. Raises RuleError."""
    item = section_of(data, "floor", set(), {"criteria", "limits", "result"})
    for name in ("criteria", "limits"):
        if not isinstance(item.get(name, []), list) or not all(isinstance(code, str) for code in item.get(name, [])):
            raise RuleError(_('Write %(name)s = ["..."], with the short names.', name=name), where=f"floor.{name}")
    if not isinstance(item.get("result", False), bool):
        raise RuleError(_("Write result = true, or leave it out."), where="floor.result")
    return {name: sorted(value) if isinstance(value, list) else value for name, value in item.items() if value}


def translations_of(data):
    """{language: {path: text}}. Raises RuleError."""
    found = section(data, "translations")
    return {language: sentences_of(said, f"translations.{language}") for language, said in found.items()}
