"""A person's own record, for their own programs (GDPR art. 15 and 20)."""

from typing import Any

from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from consent.actions.release import release
from consent.facts import catalogue
from consent.queries.records import own_record
from portal.api.permissions import Person
from portal.api.views import ApiView
from portal.kit.access import ANYONE, needs


class OwnRecord(serializers.Serializer):
    """What is known, where it comes from, and how to reach the person."""

    reference = serializers.CharField(help_text="The number to quote at a counter")
    version = serializers.IntegerField(help_text="Grows by one with every change")
    household = serializers.JSONField(help_text="{fact: value}")
    people = serializers.JSONField(help_text="[{id, role, fact: value}], the person first")
    identity = serializers.JSONField(help_text="{person id: {name, contact, language, ...}}")
    provenance = serializers.JSONField(help_text="{key: {source, at, ...}}: where each fact comes from")


class OwnRecordView(ApiView):
    """The caller's own case record."""

    permission_classes = [Person]

    @extend_schema(operation_id="own_record", responses=OwnRecord, summary="Your own record")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        record = own_record(self.actor)
        if record is None:
            raise Http404
        released = release(
            by=self.actor, record=record, purpose="own", concepts=catalogue(), at=timezone.now(), operation="export"
        )
        form = released.as_household()
        return Response(
            {
                "reference": record.reference,
                "version": released.version,
                "household": form["household"],
                "people": form["people"],
                "identity": released.identity,
                "provenance": released.provenance,
            }
        )


urlpatterns = [path("me/record/", needs(ANYONE)(OwnRecordView.as_view()), name="own_record")]
