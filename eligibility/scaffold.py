"""The first rule of a new programme: something that runs, with examples, to be rewritten."""

import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from eligibility.definition import Definition, plain_data
from eligibility.language.limits import toml_number

NAME = re.compile(r"[a-z][a-z0-9_]{2,59}\Z")

PROGRAMME = """\
# What each part means: docs/rules.md
[programme]
code = "{code}"
agency = "{agency}"
area = "{area}"
name = "{name}"
summary = "One sentence that says what {name} is."
purpose = "To see whether you can get {name}, we need to know your age."
next_steps = "The agency writes to you."

[[law]]
title = "Name the law or the scheme it rests on"

[limits.age_limit]
label = "Age from which it is given"
unit = "years"
rows = [{{ from = 2026-01-01, value = 18, law = "Name the section", note = "to be confirmed" }}]

[[criteria]]
id = "age"
when = "applicant.age >= limits.age_limit"
says = "You are {{limits.age_limit}} or over"
says_not = "You are under {{limits.age_limit}}"
says_unknown = "We need your date of birth"
law = "Name the section"

[service_standard]
working_days = 20

[contacts]
channels = ["online"]

[leaves_out]
everything_else = "This is a first draft and leaves out most of the rule."
"""
CASES = """\
[[case]]
id = "birthday_today"
on = 2026-11-21
applicant = { age = 18 }
expect = { outcome = "likely", criteria = { age = "met" } }

[[case]]
id = "day_before"
on = 2026-11-21
applicant = { born_on = 2008-11-22 }
expect = { outcome = "not_likely", criteria = { age = "not_met" } }

[[case]]
id = "not_known"
on = 2026-11-21
applicant = { born_on = "?" }
expect = { outcome = "unknown", missing = ["people.applicant.born_on"] }
"""


def files(code: str, agency: str, area: str, name: str) -> dict[str, str]:
    """{file name: text} of a new programme's folder."""
    return {"programme.toml": PROGRAMME.format(code=code, agency=agency, area=area, name=name), "cases.toml": CASES}


def read_data(programme: str, cases: str) -> dict[str, Any]:
    """The content of a folder's two files, formulas still as text. Raises tomllib.TOMLDecodeError, RuleError for a number beyond all bounds."""
    data = plain_data(tomllib.loads(programme, parse_float=toml_number))
    if cases.strip():
        data["cases"] = plain_data(tomllib.loads(cases, parse_float=toml_number))
    return data


def first_rule(code: str, agency: str, area: str, name: str) -> Definition:
    """The Definition of a new programme. A name with quotes or backslashes is taken as it is."""
    data = read_data(*files(code, agency, area, "NAME").values())
    return renamed(data, code, name, area)


def renamed(data: Mapping[str, Any], code: str, name: str, area: str, agency: str = "") -> Definition:
    """A copy of a stored definition under another code, name, area and agency; its translations of the old name are left out."""
    copied = deepcopy(dict(data))
    old_name = copied["programme"]["name"]
    copied["programme"] |= {"code": code, "name": name, "area": area, "agency": agency or copied["programme"]["agency"]}
    for field in ("summary", "purpose"):
        copied["programme"][field] = copied["programme"][field].replace(old_name, name)
    copied["translations"] = {
        language: {path: words for path, words in texts.items() if path != "name"}
        for language, texts in copied.get("translations", {}).items()
    }
    return Definition.from_dict(copied)
