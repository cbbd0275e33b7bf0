"""What still holds up an outcome, side by side: from it follows which question settles most."""


def open_sides(assessment):
    """What is unknown of a rule whose outcome is open: ((missing of one way, ...), ...), () where the outcome is decided.

    A side is a criterion, or the criteria of a group of which one must hold; its ways are what is missing for each. With one way of every
    side met the programme is likely, with all ways of one side not met it is not. Together the ways are all that is missing.
    """
    if assessment.outcome != "unknown":
        return ()
    sides: dict[str, list[frozenset]] = {}
    met = {item.group for item in assessment.criteria if item.group and item.result == "met"}
    for item in assessment.criteria:
        if item.result == "unknown" and item.group not in met:
            sides.setdefault(item.group or f"={item.id}", []).append(frozenset(item.missing))
    told = frozenset().union(*(way for ways in sides.values() for way in ways))
    rest = frozenset(assessment.missing) - told  # that local rules differ while the council is not known
    return (*map(tuple, sides.values()), *([(rest,)] if rest else []))
