"""What stands in the base database, made through the product's own actions."""

from io import StringIO
from typing import Any

from django.apps import apps
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from consent.models import Person
from portal.kit.actor import Actor, acting_as
from portal.models import Membership, User
from portal.roles import powers_of

COLLEAGUE, CITIZEN, APPLICANT = "colleague", "citizen", "applicant"
CITIZEN_EMAIL = "amina@example.org"
AGENCY = "newham-council"


def move_in(people: int) -> None:
    """The demonstration with its first `people` people, and the form."""
    call_command("load_demonstration", people=people, stdout=StringIO())
    call_command("load_form", stdout=StringIO())


def control_tables() -> list[str]:
    """The statements that make the controls' tables."""
    with connection.schema_editor(collect_sql=True) as editor:
        for model in apps.get_app_config("bench_control").get_models():
            editor.create_model(model)
    return [statement for statement in editor.collected_sql if not statement.startswith("--")]


def colleague() -> Membership:
    """The colleague whose worklist is measured."""
    seats = Membership.objects.filter(agency__slug=AGENCY, team__isnull=False).select_related("user", "agency", "team")
    return next(seat for seat in seats.order_by("role", "id") if "work_cases" in powers_of(seat.role))


def actor_of(seat: Membership) -> Actor:
    """The actor of a membership."""
    return Actor(
        "staff", user_id=seat.user_id, agency_id=seat.agency_id, membership_id=seat.pk, role=seat.role, name=seat.user.name
    )


def citizen() -> Actor:
    """The citizen whose pages are measured: cases, consents and a referral are there."""
    user = User.objects.get(email=CITIZEN_EMAIL)
    with acting_as(Actor("citizen", user_id=user.pk)), transaction.atomic():
        person = Person.objects.get(user=user)
    return Actor("citizen", user_id=user.pk, person_id=person.pk, role="citizen", name=user.name)


def signed_in() -> dict[str, str]:
    """Session keys of the colleague, the citizen, and somebody in the middle of the form without an account."""
    seat, person = colleague(), citizen()
    held = [[str(seat.pk), seat.agency.name, seat.role]]
    applicant = Client()
    applicant.post("/apply/", {})
    return {
        COLLEAGUE: session_of(seat.user, membership_id=str(seat.pk), second_factor=True, memberships=held),
        CITIZEN: session_of(User.objects.get(pk=person.user_id), person_id=str(person.person_id)),
        APPLICANT: applicant.session.session_key or "",
    }


def session_of(user: User, **extra: Any) -> str:
    """A session of `user` as signing in leaves it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["began_at"] = session["seen_at"] = timezone.now().isoformat()
    session.update(extra)
    session.create()
    return session.session_key or ""


def client_of(session_key: str, **options: Any) -> Client:
    """A browser with this session; `enforce_csrf_checks` as a real one."""
    client = Client(**options)
    client.cookies["sessionid"] = session_key
    return client
