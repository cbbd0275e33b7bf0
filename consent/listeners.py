"""What the record listens to: a sign-in links the session to the account's person."""

from uuid import UUID

from allauth.account.signals import user_logged_in
from django.dispatch import receiver

from consent.actions.records import claim
from consent.queries.records import person_of_user
from portal.kit.actor import CITIZEN, Actor, acting_as


@receiver(user_logged_in, dispatch_uid="consent.person_in_session")
def put_person_in_session(request, user, **_kwargs) -> None:
    """Keep the record begun before signing in, or open the account's own one."""
    begun = request.session.get("person_id")
    if begun:
        claim(by=Actor.citizen(person_id=UUID(begun)), user_id=user.pk)
    with acting_as(Actor(CITIZEN, user_id=user.pk)):
        person = person_of_user(user.pk)
    if person is not None:
        request.session["person_id"] = str(person.pk)
