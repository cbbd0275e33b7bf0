"""What still holds up an outcome, side by side: from it follows which question settles most."""


def open_sides(assessment):
    """What is unknown of a rule whose outcome is open: ((missing of one way, ...), ...), () where the outcome is decided.

    A side is a criterion, or the criteria of a group of which one must hold; its ways are what is missing for each. With one way of every
    side met the programme is likely, with all ways of one side not met it is not. Together the ways are all that is missing.
    """
    sides = [tuple(frozenset(item.missing) for item in items) for items in open_criteria(assessment)]
    told = frozenset().union(*(way for ways in sides for way in ways))
    rest = frozenset(assessment.missing) - told  # that local rules differ while the council is not known
    return (*sides, *([(rest,)] if rest and assessment.outcome == "unknown" else []))


def open_criteria(assessment):
    """The CriterionResults that are unknown, side by side as in `open_sides`; [] where the outcome is decided."""
    if assessment.outcome != "unknown":
        return []
    sides: dict[str, list] = {}
    met = {item.group for item in assessment.criteria if item.group and item.result == "met"}
    for item in assessment.criteria:
        if item.result == "unknown" and item.group not in met:
            sides.setdefault(item.group or f"={item.id}", []).append(item)
    return list(sides.values())
