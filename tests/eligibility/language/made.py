"""Makes random programmes and random households with missing facts, for the property tests. Everything is drawn from one Random."""

from datetime import date, timedelta
from decimal import Decimal

from eligibility.definition import Definition, SharedFile
from eligibility.language import catalogue_from

CATALOGUE = catalogue_from(
    {
        "household.tenure": ("household", "choice", ("rent", "own", "none")),
        "household.local_authority": ("household", "text", ()),
        "household.rent": ("household", "money", ()),
        "household.savings": ("household", "amount", ()),
        "household.bedrooms": ("household", "integer", ()),
        "household.days_left": ("household", "integer", ()),
        "household.moved_on": ("household", "date", ()),
        "household.owns_car": ("household", "boolean", ()),
        "person.born_on": ("person", "date", ()),
        "person.earnings": ("person", "money", ()),
        "person.pension": ("person", "money", ()),
        "person.gift": ("person", "amount", ()),
        "person.hours": ("person", "decimal", ()),
        "person.disabled": ("person", "boolean", ()),
        "person.care": ("person", "choice", ("none", "lower", "higher")),
        "person.benefits": ("person", "choices", ("a", "b", "c")),
        "person.started_on": ("person", "date", ()),
    }
)
ON = date(2026, 11, 21)
PERIODS = ("week", "four_weeks", "month", "year")
COUNCILS = ("newham", "merton", "oxford")


def rows(*values, first="2020-01-01"):
    return [
        {"from": first if not number else f"{2020 + number * 4}-04-01", "law": "x", "value": value}
        for number, value in enumerate(values)
    ]


def table(lines, first="2020-01-01"):
    return [{"from": first, "law": "x", "table": lines}]


LIMITS = {
    "age": {"unit": "years", "rows": rows(16, 18, 66)},
    "share": {"unit": "share", "rows": rows("0.55", "0.65")},
    "monthly": {"unit": "GBP/month", "rows": rows("404.50", "427.00")},
    "sum": {"unit": "GBP", "rows": rows(6000, "16000.01")},
    "most": {"unit": "number", "rows": rows(2, "none")},
    "later": {"unit": "number", "rows": rows(3, first="2030-01-01")},
    "day": {"unit": "date", "rows": rows("2015-04-06")},
    "holds": {"unit": "yes/no", "rows": rows(True)},
    "home": {"unit": "choice", "rows": rows("rent")},
    "cares": {"unit": "choices", "rows": rows(["lower", "higher"])},
    "by_age": {
        "unit": "GBP/month",
        "by": {"age": "years"},
        "rows": table(
            [{"age": {"from": 0}, "value": "10.10"}, {"age": {"from": 18}, "value": "20.20"}, {"age": {"from": 66}, "value": 0}]
        ),
    },
    "by_money": {
        "unit": "number",
        "by": {"amount": "GBP/month"},
        "rows": table([{"amount": {"from": 50}, "value": 1}, {"amount": {"from": "500.05"}, "value": "2.5"}]),
    },
    "by_home": {
        "unit": "GBP/month",
        "by": {"home": "choice", "big": "yes/no"},
        "rows": table(
            [{"home": "rent", "big": True, "value": 5}, {"home": ["rent", "own"], "value": 7}, {"big": False, "value": "1.5"}]
        ),
    },
    "by_born": {
        "unit": "months",
        "by": {"born": "date"},
        "rows": table([{"born": {"from": "1900-01-01"}, "value": 780}, {"born": {"from": "1960-04-06"}, "value": 793}]),
    },
    "home_by": {
        "unit": "choice",
        "by": {"count": "number"},
        "rows": table([{"count": 1, "value": "own"}, {"value": "rent"}]),
    },
    "yes_by": {
        "unit": "yes/no",
        "by": {"home": "choice"},
        "rows": table([{"home": "rent", "value": True}, {"value": False}]),
    },
}
SHARED = {"common": SharedFile.from_dict("common", {"limits": {"shared_sum": {"unit": "GBP", "rows": rows(100)}}})}


class Maker:
    """Draws expressions of a wanted kind. people: person variables that may be named."""

    def __init__(self, random, worked=(), programmes=()):
        self.random, self.worked, self.programmes = random, list(worked), list(programmes)
        self.people, self.names = [], 0

    def pick(self, *options):
        return self.random.choice(options)

    def person(self):
        return self.random.choice([*self.people, "applicant", "partner"])

    def of(self, kind, depth):
        return getattr(self, kind)(depth)

    def worked_of(self, kind):
        return [name for name, of, _ in self.worked if of == kind]

    def person_worked_of(self, kind):
        return [name for name, of, each in self.worked if of == f"person_{kind}" and each]

    def group(self, how, kind, depth):
        name = f"p{self.names}"
        self.names += 1
        self.people.append(name)
        what = name if how == "count" else self.of(kind, depth - 1)
        where = f" if {self.pick(self.yes, self.about)(depth - 1)}" if self.random.random() < 0.7 else ""
        self.people.pop()
        if " if " in what:
            what = f"({what})"
        if " if " in where[4:]:
            where = f" if ({where[4:]})"
        return f"{how}({what} for {name} in {self.pick('family', 'household')}{where})"

    def about(self, depth):
        return f"{self.people[-1]}.role {self.pick('==', '!=')} '{self.pick('child', 'partner', 'other_adult')}'"

    def yes(self, depth):
        simple = [
            lambda: "household.owns_car",
            lambda: f"{self.person()}.disabled",
            lambda: f"{self.person()}.care {self.pick('==', '!=')} '{self.pick('none', 'higher')}'",
            lambda: f"{self.person()}.care {self.pick('in', 'not in')} {self.pick('limits.cares', repr(['lower']))}",
            lambda: f"'{self.pick('a', 'c')}' {self.pick('in', 'not in')} {self.person()}.benefits",
            lambda: f"household.tenure {self.pick('==', '!=')} {self.pick('limits.home', repr('own'))}",
            lambda: f"household.bedrooms {self.pick('in', 'not in')} [1, 2]",
            lambda: (
                f"applies({self.pick('partner', 'household.days_left', f'{self.person()}.hours', f'{self.person()}.earnings', 'limits.most')})"
            ),
            lambda: f"{self.person()}.care == {self.person()}.care",
            lambda: "limits.yes_by[household.tenure]",
            lambda: "limits.holds",
            lambda: f"'{self.pick(*COUNCILS)}' == household.local_authority",
        ]
        if self.programmes:
            simple += [
                lambda: f"programmes.{self.pick(*self.programmes)}.likely",
                lambda: f"programmes.{self.pick(*self.programmes)}.outcome == 'likely'",
            ]
        simple += [lambda name=name: name for name in self.worked_of("yes")]
        simple += [lambda name=name: f"{self.person()}.{name}" for name in self.person_worked_of("yes")]
        deep = [
            lambda: f"({self.yes(depth - 1)} and {self.yes(depth - 1)})",
            lambda: f"({self.yes(depth - 1)} or {self.yes(depth - 1)})",
            lambda: f"(not {self.yes(depth - 1)})",
            lambda: f"at_least({self.pick(1, 2)}, {self.yes(depth - 1)}, {self.yes(depth - 1)}, {self.yes(depth - 1)})",
            lambda: f"({self.yes(depth - 1)} if {self.yes(depth - 1)} else {self.yes(depth - 1)})",
            lambda: self.group(self.pick("any", "all", "none"), "yes", depth),
            lambda: f"(({self.yes(depth - 1)}) == ({self.yes(depth - 1)}))",
            lambda: (
                f"('{self.pick('rent', 'own')}' == (household.tenure if {self.yes(depth - 1)} else limits.home_by[{self.number(depth - 1)}]))"
            ),
        ]
        for kind in ("number", "month", "once", "day"):
            deep += [
                lambda kind=kind: (
                    f"({self.of(kind, depth - 1)} {self.pick('<', '<=', '>', '>=', '==', '!=')} {self.of(kind, depth - 1)})"
                )
            ] * 2
        deep.append(lambda: f"({self.number(depth - 1)} <= {self.number(depth - 1)} < {self.number(depth - 1)})")
        return self.random.choice(simple if depth <= 0 else simple + deep + deep)()

    def arithmetic(self, kind, depth, simple):
        simple += [lambda name=name: name for name in self.worked_of(kind)]
        simple += [lambda name=name: f"{self.person()}.{name}" for name in self.person_worked_of(kind)]
        deep = [
            lambda: f"({self.of(kind, depth - 1)} + {self.of(kind, depth - 1)})",
            lambda: f"({self.of(kind, depth - 1)} - {self.of(kind, depth - 1)})",
            lambda: f"({self.of(kind, depth - 1)} * {self.number(depth - 1)})",
            lambda: (
                f"({self.of(kind, depth - 1)} / {self.number(depth - 2)})"
                if self.random.random() < 0.3
                else f"({self.of(kind, depth - 1)} / 7)"
            ),
            lambda: f"{self.pick('min', 'max')}({self.of(kind, depth - 1)}, {self.of(kind, depth - 1)})",
            lambda: f"{self.pick('min', 'max')}(0, {self.of(kind, depth - 1)}, {self.of(kind, depth - 1)})",
            lambda: f"round_{self.pick('down', 'up', 'nearest')}({self.of(kind, depth - 1)}, {self.pick('0.01', '1', '0.5')})",
            lambda: f"({self.of(kind, depth - 1)} if {self.yes(depth - 1)} else {self.of(kind, depth - 1)})",
            lambda: self.group(self.pick("sum", "min", "max"), kind, depth),
            lambda: f"(-{self.of(kind, depth - 1)})",
        ]
        return self.random.choice(simple if depth <= 0 else simple + deep + deep)()

    def number(self, depth):
        simple = [
            lambda: self.pick("1", "2", "0.55", "12"),
            lambda: "household.bedrooms",
            lambda: "household.days_left",
            lambda: f"{self.person()}.hours",
            lambda: f"{self.person()}.age",
            lambda: f"limits.{self.pick('age', 'share', 'most', 'later')}",
        ]
        if depth > 0:
            simple += [
                lambda: self.group("count", "yes", depth),
                lambda: f"({self.month(depth - 1)} / limits.monthly)",
                lambda: f"limits.by_money[{self.month(depth - 1)}]",
                lambda: f"days_between({self.day(depth - 1)}, {self.day(depth - 1)})",
                lambda: f"age_on({self.day(depth - 1)}, {self.day(depth - 1)})",
                lambda: f"limits.by_born[{self.person()}.born_on]",
            ]
        return self.arithmetic("number", depth, simple)

    def month(self, depth):
        days = self.pick("", "", ", days=365")
        flows = [lambda: "household.rent", lambda: f"{self.person()}.{self.pick('earnings', 'pension')}"]
        if self.programmes:
            flows.append(lambda: f"programmes.{self.pick(*self.programmes)}.amount")
        simple = [
            lambda: f"per_month({self.random.choice(flows)()}{days})",
            lambda: f"per_month(per_week({self.random.choice(flows)()}{days}))",
            lambda: "limits.monthly",
            lambda: "pounds(12.34, 'month')",
        ]
        if depth > 0:
            simple += [
                lambda: f"limits.by_age[{self.number(depth - 1)}]",
                lambda: f"limits.by_home[household.tenure, {self.yes(depth - 1)}]",
            ]
        return self.arithmetic("month", depth, simple)

    def once(self, depth):
        simple = [
            lambda: "household.savings",
            lambda: f"{self.person()}.gift",
            lambda: f"limits.{self.pick('sum', 'shared_sum')}",
            lambda: "pounds(99.99)",
        ]
        return self.arithmetic("once", depth, simple)

    def day(self, depth):
        simple = [
            lambda: "on",
            lambda: "household.moved_on",
            lambda: f"{self.person()}.{self.pick('born_on', 'started_on')}",
            lambda: "limits.day",
            lambda: "date('2016-04-06')",
        ]
        deep = [
            lambda: (
                f"({self.day(depth - 1)} {self.pick('+', '-')} {self.pick('days', 'weeks', 'months', 'years')}({self.number(depth - 2)}))"
            ),
            lambda: f"{self.pick('min', 'max')}({self.day(depth - 1)}, {self.day(depth - 1)})",
            lambda: f"({self.day(depth - 1)} if {self.yes(depth - 1)} else {self.day(depth - 1)})",
            lambda: self.group(self.pick("min", "max"), "day", depth),
        ]
        return self.random.choice(simple if depth <= 0 else simple + simple + deep)()


def programme(random, code="one", programmes=(), depth=3, variants=True):
    """A random Definition; its expressions may name the results of `programmes`."""
    worked, sections = [], {}
    for number in range(random.randint(0, 3)):
        kind, each = random.choice(["yes", "number", "month", "once"]), random.random() < 0.5
        maker = Maker(random, worked, programmes)
        if each:
            maker.people.append("person")
        name = f"w{number}"
        sections[name] = {"is": maker.of(kind, depth - 1), **({"for": "person"} if each else {})}
        worked.append((name, f"person_{kind}" if each else kind, each))
    maker = Maker(random, worked, programmes)

    def criterion(id_, group=""):
        out = {"id": id_, "when": maker.yes(depth), "says": "yes", "says_not": "no", "law": "x"}
        return {**out, "group": group} if group else out

    criteria = [criterion(f"c{number}", random.choice(["", "", "g"])) for number in range(random.randint(1, 4))]
    data = {
        "programme": {
            "code": code,
            "agency": "a",
            "area": "income",
            "name": "N",
            "summary": "S",
            "purpose": "P",
            "shares": ["common"],
        },
        "law": [{"title": "T"}],
        "limits": LIMITS,
        "worked_out": sections,
        "criteria": criteria,
        "amount": {"is": maker.month(depth), "per": "month"},
    }
    if random.random() < 0.5:
        data["amount"]["round"] = {"how": random.choice(["down", "up", "nearest"]), "to": random.choice(["0.01", "1", "0.05"])}
    if variants and random.random() < 0.3:
        data["variants"] = [
            {
                "id": "v",
                "name": "V",
                "local_authorities": [COUNCILS[0]],
                "law": "x",
                "limits": {"monthly": {"unit": "GBP/month", "rows": rows(random.choice([0, 100]))}},
                "criteria": [criterion("c0")],
                "leaves_out": [item["id"] for item in criteria[1:2]],
            }
        ]
    return Definition.from_dict(data)


def household(random, number=0, missing=None):
    """A random household in the interchange form. missing: share of the facts that are not known."""
    missing = random.choice([0, 0.1, 0.3, 0.7]) if missing is None else missing

    def facts(makers):
        out = {}
        for name, make in makers.items():
            draw = random.random()
            if draw < missing:
                continue
            out[name] = None if random.random() < 0.15 and name != "born_on" else make()
        return out

    def pounds():
        return str(Decimal(random.choice([0, 1, 40450, 42700, 600000, 1600001, random.randint(0, 300000)])) / 100)

    def flow():
        return {"amount": pounds(), "per": random.choice(PERIODS)}

    def born():
        years = random.choice([0, 1, 3, 16, 17, 18, 25, 40, 65, 66, 67, 80])
        return (
            ON - timedelta(days=round(years * 365.25) + random.choice([-1, 0, 1, 2, 200]) if years else random.randint(0, 300))
        ).isoformat()

    def any_day():
        return (date(2010, 1, 31) + timedelta(days=random.randint(0, 7000))).isoformat()

    def person(id_, role):
        return {
            "id": id_,
            "role": role,
            **facts(
                {
                    "born_on": born,
                    "earnings": flow,
                    "pension": flow,
                    "gift": pounds,
                    "hours": lambda: random.choice([0, 1, 16, "35.5", "20.25"]),
                    "disabled": lambda: random.random() < 0.5,
                    "care": lambda: random.choice(["none", "lower", "higher"]),
                    "benefits": lambda: random.sample(["a", "b", "c"], random.randint(0, 3)),
                    "started_on": any_day,
                }
            ),
        }

    roles = ["applicant", *random.choices(["child", "other_adult"], k=random.choice([0, 0, 1, 2, 4]))]
    if random.random() < 0.5:
        roles.append("partner")
    people = [person(f"p{place}", role) for place, role in enumerate(roles)]
    random.shuffle(people)
    out = {
        "id": f"h{number}",
        "household": facts(
            {
                "tenure": lambda: random.choice(["rent", "own", "none"]),
                "local_authority": lambda: random.choice(COUNCILS),
                "rent": flow,
                "savings": pounds,
                "bedrooms": lambda: random.randint(0, 4),
                "days_left": lambda: random.choice([0, 28, 56, 57]),
                "moved_on": any_day,
                "owns_car": lambda: random.random() < 0.5,
            }
        ),
        "people": people,
    }
    if random.random() < 0.07:
        out["people_complete"] = False
    return out
