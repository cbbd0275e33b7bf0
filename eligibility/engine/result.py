"""What a rule gives for one household, before it is put into words."""

from decimal import Decimal

from eligibility.household import LOCAL
from eligibility.language.values import Unknown, hull, missing_of
from eligibility.language.wording import pounds_text

_OPEN = object()


class Result:
    """truth, criteria: three-valued. value: the amount or None, worked out when somebody asks. env, plan: what it was made from."""

    __slots__ = ("_value", "criteria", "env", "per", "plan", "truth")

    def __init__(self, truth, criteria, per, env=None, plan=None, value=_OPEN):
        self.truth, self.criteria, self.per, self.env, self.plan, self._value = truth, criteria, per, env, plan, value

    @property
    def value(self):
        """The exact amount in pence, an Unknown, or None where there is none."""
        if self._value is _OPEN:
            self._value = None if self.truth is False else self.plan.worth(self.env)
        return self._value

    def work_out(self):
        """The amount as `value`, asked for because of what is worked out on the way to it and kept in the Env."""
        return self.value

    @property
    def outcome(self):
        """likely | not_likely | unknown."""
        return "unknown" if type(self.truth) is Unknown else "likely" if self.truth else "not_likely"

    @property
    def amount(self):
        """Decimal pounds, or None while it is not likely or not known."""
        if self.truth is not True or self.value is None or type(self.value) is Unknown:
            return None
        return Decimal(pounds_text(self.value))

    @property
    def paid(self):
        """The amount as other programmes see it: 0 when not likely."""
        if self.truth is False or self.value is None:
            return 0
        return self.value if self.truth is True else hull(self.truth.missing, [0, self.value])


def agreed(results):
    """One Result from those of all local variants, for a household whose council is not known."""
    first = results[0]
    local = frozenset({f"household.{LOCAL}"})

    def join(values):
        if all(value is True for value in values) or all(value is False for value in values):
            return values[0]
        return Unknown(local | missing_of(*values))

    criteria = {
        id_: join([found.criteria[id_] for found in results])
        for id_ in first.criteria
        if all(id_ in found.criteria for found in results)
    }
    truth = join([found.truth for found in results])
    values = [found.value if found.value is not None else 0 for found in results if found.truth is not False]
    value = hull(local, values) if values and first.per else None
    return Result(truth, criteria, first.per, first.env, first.plan, value)
