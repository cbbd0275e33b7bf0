"""Roles in code, each with a paragraph that says what it may do. Powers are what permissions and state tables ask for.

A role is held through a Membership (one agency, one period). Nobody holds a power outside the agency they act for.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Role:
    """code: stored; label and paragraph: shown; powers: what it may do; is_staff: needs a second factor."""

    code: str
    label: object
    paragraph: object
    powers: frozenset[str]
    is_staff: bool = True


def _role(code: str, label: object, paragraph: object, *powers: str, is_staff: bool = True) -> Role:
    return Role(code, label, paragraph, frozenset(powers), is_staff)


_ALL = (
    _role(
        "citizen",
        _("Citizen"),
        _(
            "Tells their own story, sees their own record and results, decides who may see what, applies, answers "
            "questions, follows every step and sees who looked. Sees nobody else's record."
        ),
        "use_own_record",
        is_staff=False,
    ),
    _role(
        "counter_officer",
        _("Counter officer"),
        _(
            "Helps a person who is present: opens a counter session, fills in the form for them, hands over the code. "
            "Sees what that session allows and the agency's worklist, decides nothing."
        ),
        "help_at_counter",
        "see_worklist",
    ),
    _role(
        "caseworker",
        _("Caseworker"),
        _(
            "Works on the agency's cases: reads the facts the gate allows, asks the person for what is missing, prepares "
            "decisions, sends referrals and answers those received."
        ),
        "help_at_counter",
        "see_worklist",
        "work_cases",
        "send_referrals",
        "receive_referrals",
    ),
    _role(
        "decision_maker",
        _("Decision maker"),
        _("Does what a caseworker does, and signs decisions with reasons and a letter, also those against the person."),
        "see_worklist",
        "work_cases",
        "send_referrals",
        "receive_referrals",
        "decide",
    ),
    _role(
        "programme_admin",
        _("Programme admin"),
        _(
            "Configures the agency's programmes: rules, limits by date, evidence and texts; runs examples and previews; "
            "publishes what a colleague wrote. Sees counts, and for a worked example a household without names; never a "
            "person's record."
        ),
        "edit_programmes",
        "publish_programmes",
    ),
    _role(
        "agency_admin",
        _("Agency admin"),
        _(
            "Keeps the agency's offices, teams and members, sees referrals that could not be delivered and sends them "
            "again. Sees no person's record."
        ),
        "manage_agency",
        "see_dead_letters",
    ),
    _role(
        "data_protection_officer",
        _("Data-protection officer"),
        _("Approves processing activities and sharing agreements and reads the agency's access log."),
        "approve_sharing",
        "read_access_log",
    ),
    _role(
        "auditor",
        _("Auditor"),
        _("Reads the agency's access log and the history of programmes. Changes nothing, opens no record."),
        "read_access_log",
        "see_programme_history",
    ),
)

ROLES: dict[str, Role] = {role.code: role for role in _ALL}
STAFF_CHOICES = [(role.code, role.label) for role in _ALL if role.is_staff]
POWERS: frozenset[str] = frozenset().union(*(role.powers for role in _ALL))


def powers_of(role: str) -> frozenset[str]:
    """The powers of a role code; an unknown code has none."""
    return ROLES[role].powers if role in ROLES else frozenset()
