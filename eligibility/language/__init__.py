"""The rule language: what an expression may say, read from text or from canonical JSON, printed back, and checked for types and units.

Pure: no Django, no clock, no floats. `parser` reads text, `tree` holds the nodes and their JSON, `printer` writes text, `checker` gives every
node a type and refuses what does not fit, `limits` are values with dates, `wording` puts values into a reader's language.
The reference for authors is docs/rules.md.
"""

from eligibility.language.errors import RuleError
from eligibility.language.parser import parse
from eligibility.language.printer import to_text
from eligibility.language.tree import Node, from_json, to_json
from eligibility.language.types import Catalogue, FactType, catalogue_from

__all__ = ["Catalogue", "FactType", "Node", "RuleError", "catalogue_from", "from_json", "parse", "to_json", "to_text"]
