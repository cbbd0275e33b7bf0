"""Walks over the people of a household, written as loops. What is not plain is kept apart and joined at the end by `people`."""

from contextlib import nullcontext

from eligibility.engine.emit import Atom, guard, kleene, raised
from eligibility.language.types import ROLES


def _roles(compiler, typed):
    roles = frozenset(typed.info["roles"])
    return None if roles == frozenset(ROLES) else compiler.constant(roles)


def _where(compiler, typed, body):
    """The condition as an Atom; None where it always holds."""
    where = compiler.read(typed.parts[1], body)
    return None if where.code == "True" else where


def some(compiler, typed, body):
    """any, none, all."""
    every = typed.info["how"] == "all"
    stop, go = ("False", "True") if every else ("True", "False")
    found = body.put(go, "yes_no").code
    with body.each(typed.info["var"], _roles(compiler, typed)):
        where = _where(compiler, typed, body)
        if where is None:
            held = compiler.read(typed.parts[0], body).code
            body.line(f"{found} = {kleene(found, held, stop, go)}")
        else:
            with body.block(f"if {where.code} is not False:"):
                held = compiler.read(typed.parts[0], body).code
                if every:  # whoever is not meant fails nothing
                    held = body.put(
                        f"{held} if {where.code} is True or {held} is True else "
                        f"{where.code} if {held} is False else both({where.code}, {held})",
                        "yes_no",
                    ).code
                else:
                    held = body.put(kleene(where.code, held, "False", "True"), "yes_no").code
                body.line(f"{found} = {kleene(found, held, stop, go)}")
    body.line(f"if {body.own('open')} and {found} is not {stop}: {found} = unsure({found})")
    return Atom(found, "yes_no") if typed.info["how"] != "none" else body.put(f"negate({found})", "yes_no")


def count(compiler, typed, body):
    """For how many the condition holds."""
    found, others = body.put("0", "number").code, body.put("()", "list").code
    with body.each(typed.info["var"], _roles(compiler, typed)):
        where = _where(compiler, typed, body)
        if where is None:
            body.line(f"{found} += 1")
        else:
            body.line(f"if {where.code} is True: {found} += 1")
            if not where.sure:
                body.line(f"elif {where.code} is not False: {others} = (*{others}, {where.code})")
    is_open = body.own("open")
    return body.put(f"counted({found}, {others}, {is_open}) if {others} or {is_open} else {found}", "number")


def total(compiler, typed, body):
    """The sum of the values that apply."""
    found, others = body.put("0", "number").code, body.put("()", "list").code
    with body.each(typed.info["var"], _roles(compiler, typed)):
        where = _where(compiler, typed, body)
        with body.block(f"if {where.code} is not False:") if where else nullcontext():
            what = compiler.read(typed.parts[0], body)
            sure = "" if where is None else f"{where.code} is True"
            plain = " and ".join(part for part in (sure, guard([what])) if part)
            kept = f"{others} = (*{others}, ({where.code if where else True}, {what.whole}))"
            if plain:
                body.line(f"if {plain}: {found} += {what.code}")
                body.line(f"else: {kept}")
            else:
                body.line(f"{found} += {what.code}")
    is_open, scale = body.own("open"), what.denominator
    whole = Atom(found, "number", scale).whole
    slow = raised(f"over_sum(((True, {whole}), *{others}), {is_open})", scale)
    return body.put(f"{slow} if {others} or {is_open} else {found}", typed.type.kind, scale)


def extreme(compiler, typed, body):
    """The smallest or the largest value that applies."""
    others = body.put("()", "list").code
    with body.each(typed.info["var"], _roles(compiler, typed)):
        where = _where(compiler, typed, body)
        with body.block(f"if {where.code} is not False:") if where else nullcontext():
            what = compiler.read(typed.parts[0], body)
            body.line(f"{others} = (*{others}, ({where.code if where else True}, {what.whole}))")
    slow = f"over_{typed.info['how']}({others}, {body.own('open')})"
    return body.put(raised(slow, what.denominator), typed.type.kind, what.denominator)


WRITERS = {"any": some, "none": some, "all": some, "count": count, "sum": total, "min": extreme, "max": extreme}
