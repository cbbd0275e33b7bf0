"""Referrals for partner agencies' own systems: send one, read the own inbox, answer, and ask how a sent one stands.

Persons are named by the partner agency's own pseudonym for them; facts come through the gate and are in the access log.
"""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.http import Http404
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from casework.actions import inbox
from casework.actions.inbound import Answer, KeyReused, once
from casework.actions.referral_events import ReferralRefused
from casework.actions.referrals import send
from casework.models import Referral, ReferralTask
from casework.models.referral import (
    ACCEPTED,
    AWAITING_CONSENT,
    CANCELLED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    LIVE,
    NEEDS,
    ON_HOLD,
    OUTCOMES,
    PRIORITIES,
    REASONS,
    REJECTED,
    TASK_FLOW,
)
from casework.queries import referrals
from casework.queries.inbound import pseudonym_of, record_id_of
from consent.queries.records import record_for
from portal.api.permissions import Partner
from portal.api.problems import Conflict, Unprocessable
from portal.api.views import ApiView
from portal.kit.access import TOKEN, needs
from portal.kit.actor import Actor, acting_as
from portal.models import Agency, MachineClient

KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True,
    description="Your own key for this message, at most 255 characters. Sent again with the same body, it has no second effect.",
)  # fmt: skip
ANSWERS = (ACCEPTED, REJECTED, IN_PROGRESS, ON_HOLD, COMPLETED, FAILED, CANCELLED)
PAGE = 50


class NewReferral(serializers.Serializer):
    """A referral from the partner to another agency."""

    person = serializers.CharField(max_length=64, help_text="Your agency's pseudonym for the person")
    to = serializers.SlugField(help_text="Slug of the agency that should help")
    programme = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    need = serializers.ChoiceField(choices=NEEDS)
    service = serializers.CharField(max_length=200, help_text="What you ask for, in words")
    priority = serializers.ChoiceField(choices=PRIORITIES, required=False, default="routine")
    note = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    do_not_contact = serializers.BooleanField(required=False, default=False)
    although_closed = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Send it although the programme takes no applications now; without it that is 409",
    )


class SentReferral(serializers.Serializer):
    """How a referral stands. `tasks`: one for each place it went to, newest first."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    need = serializers.CharField()
    to = serializers.CharField()
    tasks = serializers.JSONField(help_text="[{id, to, state, reason, outcome, due_on, delivered_at}]")


class InboxTask(serializers.Serializer):
    """A referral to the caller's agency."""

    id = serializers.UUIDField()
    sender = serializers.CharField(help_text="Slug of the agency that asks")
    need = serializers.ChoiceField(choices=NEEDS)
    service = serializers.CharField()
    programme = serializers.CharField()
    priority = serializers.ChoiceField(choices=PRIORITIES)
    state = serializers.CharField(
        help_text="requested, accepted, in_progress, on_hold; or how it ended: completed, rejected, ..."
    )
    due_on = serializers.DateField(help_text="Answer by this day")
    delivered_at = serializers.DateTimeField()


class InboxPage(serializers.Serializer):
    """A page of the inbox; `after` leads to the next one and is empty on the last."""

    results = InboxTask(many=True)
    after = serializers.CharField(allow_blank=True)


class InboxDetail(InboxTask):
    """With what the caller may know now."""

    person = serializers.CharField(help_text="Your agency's pseudonym for the person")
    note = serializers.CharField()
    do_not_contact = serializers.BooleanField()
    facts = serializers.JSONField(help_text="{household: {}, person: {}, identity: {}}: triage facts, and more once accepted")


class Answering(serializers.Serializer):
    """What the receiver does next."""

    state = serializers.ChoiceField(choices=[(code, TASK_FLOW.labels[code]) for code in ANSWERS])
    reason = serializers.ChoiceField(choices=REASONS, required=False, default="", allow_blank=True)
    outcome = serializers.ChoiceField(choices=OUTCOMES, required=False, default="", allow_blank=True)
    review_on = serializers.DateField(required=False, allow_null=True, default=None, help_text="With on_hold")
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    reference = serializers.CharField(max_length=100, required=False, default="", allow_blank=True, help_text="Your own number")

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """A reason, an outcome, a day: each where the state needs it."""
        if said["state"] in (REJECTED, FAILED, CANCELLED, ON_HOLD) and not said["reason"]:
            raise serializers.ValidationError({"reason": _("Say why: choose one of the reasons.")})
        if said["state"] == COMPLETED and not said["outcome"]:
            raise serializers.ValidationError({"outcome": _("Say what came of it: choose one of the outcomes.")})
        if said["state"] == ON_HOLD and said["review_on"] is None:
            raise serializers.ValidationError({"review_on": _("Enter the day on which you look at it again")})
        return said


class _PartnerView(ApiView):
    permission_classes = [Partner]

    def keyed(self, request: Request, act: Callable[[], Answer]) -> Response:
        """Do it once for the caller's key."""
        key = request.headers.get("Idempotency-Key", "").strip()
        if not 0 < len(key) <= 255:
            raise serializers.ValidationError({"Idempotency-Key": _("Send a header Idempotency-Key of 1 to 255 characters.")})
        client = cast(MachineClient, request.user)  # PartnerToken puts it there
        message = f"{request.method} {request.path}\n".encode() + request._request.body
        try:
            (status, body), is_repeat = once(by=self.actor, client=client, key=key, message=message, act=act, at=timezone.now())
        except KeyReused as refused:
            raise Unprocessable(str(refused)) from None
        except ReferralRefused as refused:
            raise Conflict(str(refused)) from None
        response = Response(body, status=status)
        if is_repeat:
            response["Idempotent-Replayed"] = "true"
        return response

    def for_record(self, record_id: UUID) -> Actor:
        """The caller, for one record."""
        return Actor.machine(self.actor.name, agency_id=self.actor.agency_id, record_id=record_id)

    def task(self, task_id: UUID) -> ReferralTask:
        """A task of the caller's inbox. Raises Http404."""
        try:
            task = referrals.task_of(task_id)
        except ReferralTask.DoesNotExist:
            raise Http404 from None
        if task.target_id != self.actor.agency_id:
            raise Http404
        return task


class InboxView(_PartnerView):
    """The caller's inbox, and the way into others'."""

    @extend_schema(
        operation_id="inbox_list", summary="Referrals to your agency", responses=InboxPage,
        parameters=[
            OpenApiParameter("queue", str, enum=["new", "accepted", "working", "late", "done"]),
            OpenApiParameter("after", str, description="From the page before"),
        ],
    )  # fmt: skip
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        queue = request.query_params.get("queue", "new")
        if queue not in ("new", "accepted", "working", "late", "done"):
            raise serializers.ValidationError({"queue": _("Choose new, accepted, working, late or done.")})
        after = _key(request.query_params.get("after", ""))
        assert self.actor.agency_id is not None  # a Partner has one
        try:
            page = referrals.inbox(self.actor.agency_id, queue=queue, today=timezone.localdate(), after=after, limit=PAGE)
        except referrals.BadKey:
            raise serializers.ValidationError({"after": _("Use the value of after from the page before.")}) from None
        return Response({"results": [_task(task) for task in page.tasks], "after": "_".join(page.after) if page.after else ""})

    @extend_schema(
        operation_id="referral_send", summary="Refer a person to another agency", request=NewReferral, parameters=[KEY],
        responses={201: SentReferral, 202: SentReferral},
        description="201: it is on its way. 202: the person is asked first, and it goes as soon as they allow it.",
    )  # fmt: skip
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        asked = NewReferral(data=request.data)
        asked.is_valid(raise_exception=True)
        return self.keyed(request, lambda: self._send(dict(asked.validated_data)))

    def _send(self, said: dict[str, Any]) -> Answer:
        record_id = record_id_of(said.pop("person"))
        if record_id is None:
            raise Unprocessable(_("Your agency works with nobody of this pseudonym now."))
        target = Agency.objects.filter(slug=said.pop("to")).first()
        if target is None:
            raise Unprocessable(_("There is no agency with this slug."))
        caller = self.for_record(record_id)
        with acting_as(caller):
            made = send(by=caller, record=record_for(record_id), target=target, at=timezone.now(), **said)
            body = _sent(referrals.standing_of(made.pk))
        return (202 if made.state == AWAITING_CONSENT else 201), body


class InboxTaskView(_PartnerView):
    """One referral to the caller's agency."""

    @extend_schema(operation_id="inbox_read", summary="One referral, with what you may know now", responses=InboxDetail)
    def get(self, request: Request, task_id: UUID, *args: Any, **kwargs: Any) -> Response:
        task = self.task(task_id)
        caller = self.for_record(task.record_id)
        with acting_as(caller):
            facts = inbox.facts_now(by=caller, task_id=task.pk, at=timezone.now(), operation="deliver")
            person = pseudonym_of(task.record_id, agency_id=task.target_id)
        found = task.referral
        note = found.note if task.state in LIVE else ""
        return Response(_task(task) | {"person": person, "note": note, "do_not_contact": found.do_not_contact, "facts": facts})

    @extend_schema(
        operation_id="inbox_answer", summary="Accept, reject, work on, finish", request=Answering, parameters=[KEY],
        responses=InboxTask,
    )  # fmt: skip
    def patch(self, request: Request, task_id: UUID, *args: Any, **kwargs: Any) -> Response:
        said = Answering(data=request.data)
        said.is_valid(raise_exception=True)
        task = self.task(task_id)
        return self.keyed(request, lambda: self._answer(task, said.validated_data))

    def _answer(self, task: ReferralTask, said: dict[str, Any]) -> Answer:
        caller = self.for_record(task.record_id)
        common: dict[str, Any] = {"by": caller, "task_id": task.pk, "at": timezone.now()}
        why = {"reason": said["reason"], "note": said["note"]}
        steps: dict[str, Callable[[], ReferralTask]] = {
            ACCEPTED: lambda: inbox.accept(**common, their_reference=said["reference"]),
            REJECTED: lambda: inbox.reject(**common, **why),
            IN_PROGRESS: lambda: inbox.start(**common),
            ON_HOLD: lambda: inbox.hold(**common, **why, review_on=said["review_on"]),
            COMPLETED: lambda: inbox.complete(**common, outcome=said["outcome"], note=said["note"]),
            FAILED: lambda: inbox.fail(**common, **why),
            CANCELLED: lambda: inbox.give_up(**common, **why),
        }
        with acting_as(caller):
            steps[said["state"]]()
            return 200, _task(referrals.task_of(task.pk))


class SentView(_PartnerView):
    """How a referral the caller sent stands."""

    @extend_schema(operation_id="sent_read", summary="How a referral you sent stands", responses=SentReferral)
    def get(self, request: Request, referral_id: UUID, *args: Any, **kwargs: Any) -> Response:
        try:
            thread = referrals.standing_of(referral_id)
        except Referral.DoesNotExist:
            raise Http404 from None
        if thread.referral.agency_id != self.actor.agency_id:
            raise Http404
        return Response(_sent(thread))


def _task(task: ReferralTask) -> dict[str, Any]:
    found = task.referral
    return {
        "id": str(task.pk), "sender": task.requester.slug, "need": found.need, "service": found.service,
        "programme": task.programme, "priority": found.priority, "state": task.state, "due_on": task.due_on.isoformat(),
        "delivered_at": task.delivered_at.isoformat() if task.delivered_at else None,
    }  # fmt: skip


def _sent(thread: referrals.Thread) -> dict[str, Any]:
    tasks = [
        {
            "id": str(task.pk), "to": task.target.slug, "state": task.state, "reason": task.reason, "outcome": task.outcome,
            "due_on": task.due_on.isoformat(), "delivered_at": task.delivered_at.isoformat() if task.delivered_at else None,
        }
        for task in thread.tasks
    ]  # fmt: skip
    found = thread.referral
    return {"id": str(found.pk), "state": found.state, "need": found.need, "to": found.target.slug, "tasks": tasks}


def _key(text: str) -> referrals.Key | None:
    value, _underscore, last = text.rpartition("_")
    return (value, last) if text else None


urlpatterns = [
    path("referrals/inbox/", needs(TOKEN)(InboxView.as_view()), name="referrals_inbox"),
    path("referrals/inbox/<uuid:task_id>/", needs(TOKEN)(InboxTaskView.as_view()), name="referrals_inbox_task"),
    path("referrals/sent/<uuid:referral_id>/", needs(TOKEN)(SentView.as_view()), name="referrals_sent"),
]
