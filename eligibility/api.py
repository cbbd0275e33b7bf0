"""The programmes for everybody's programs, and a person's own results."""

from typing import Any

from django.http import Http404
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from consent.queries.records import own_record
from eligibility.queries.catalogue import in_force, needs_of_version
from eligibility.queries.openings import Shown, shown
from eligibility.queries.presentation import listed, sheet
from eligibility.queries.results import GROUPS, results_for
from portal.api.permissions import Everybody, Person
from portal.api.views import ApiView
from portal.kit.access import ANYONE, PUBLIC, needs

WINDOWS = ["open", "closed", "paused"]
STATES = [*WINDOWS, "coming", "ended"]


class ProgrammeEntry(serializers.Serializer):
    """One programme of the catalogue."""

    code = serializers.CharField(help_text="Never changes")
    name = serializers.CharField()
    summary = serializers.CharField()
    agency = serializers.CharField(help_text="Who decides")
    area = serializers.CharField(help_text="income, housing, health_care, education, employment or justice")
    life_events = serializers.ListField(child=serializers.CharField())
    window = serializers.ChoiceField(choices=WINDOWS, help_text="Whether it takes applications")
    window_sentence = serializers.CharField(
        source="opening.sentence", help_text="That in words; empty for one that is always open"
    )
    opens_on = serializers.DateField(
        source="opening.opens_on", allow_null=True, help_text="The next day on which it is open, where known"
    )
    closes_on = serializers.DateField(source="opening.closes_on", allow_null=True, help_text="The last day of this opening")
    channels = serializers.ListField(
        source="opening.channels", child=serializers.CharField(), help_text="Ways to apply: online, phone, post, in_person"
    )


class ProgrammeSheet(serializers.Serializer):
    """One programme with its rule in force; of one that is still to come the first rule, of one that has ended the last."""

    code = serializers.CharField()
    name = serializers.CharField()
    summary = serializers.CharField()
    agency = serializers.CharField()
    area = serializers.CharField()
    version = serializers.IntegerField()
    effective_from = serializers.DateField(help_text="First day of this version")
    effective_to = serializers.DateField(allow_null=True, help_text="Its last day, where one is known")
    sha256 = serializers.CharField(help_text="Digest of the rule: two versions with the same decide alike")
    conditions = serializers.JSONField(help_text="[{any, items: [{id, says, law}]}]: all must hold; of a group with any, one")
    facts = serializers.ListField(child=serializers.CharField(), help_text="Codes of the facts the rule may see")
    window = serializers.ChoiceField(
        choices=STATES,
        help_text="Whether it takes applications; coming: its first version is still to come; ended: no version holds any more",
    )
    window_sentence = serializers.CharField(help_text="That in words; empty for one that is always open")
    opens_on = serializers.DateField(allow_null=True, help_text="The next day on which it is open, where known")
    closes_on = serializers.DateField(allow_null=True, help_text="The last day of this opening")
    law = serializers.JSONField(help_text="[{title, url}]")
    leaves_out = serializers.ListField(child=serializers.CharField())
    definition = serializers.JSONField(help_text="The whole rule in its stored form")


class OwnResult(serializers.Serializer):
    """What one programme's rule says about the caller. A guide, never a decision."""

    programme = serializers.CharField(source="code")
    name = serializers.CharField(source="programme")
    agency = serializers.CharField()
    version = serializers.IntegerField(source="version_number")
    on = serializers.DateField(help_text="The day whose rules were used")
    outcome = serializers.ChoiceField(choices=list(GROUPS))
    amount = serializers.CharField(allow_blank=True, help_text="In words, about")
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="What another payment does to this one, or this one to another"
    )
    reasons = serializers.JSONField(help_text="[{state: met | not_met | missing, text, said, rule}]")
    ways_out = serializers.ListField(child=serializers.CharField())
    changes = serializers.ListField(child=serializers.CharField())
    missing = serializers.ListField(child=serializers.CharField())
    window = serializers.ChoiceField(source="opening.state", choices=STATES, help_text="Whether it takes applications")
    window_sentence = serializers.CharField(
        source="opening.sentence", help_text="That in words; empty for one that is always open"
    )
    opens_on = serializers.DateField(
        source="opening.opens_on", allow_null=True, help_text="The next day on which it is open, where known"
    )


class OwnResults(serializers.Serializer):
    """The caller's results. state: working while they are worked out, ready, or refused."""

    state = serializers.ChoiceField(choices=["working", "ready", "refused"])
    on = serializers.DateField()
    results = OwnResult(many=True)


def _language() -> str:
    return (get_language() or "en").split("-")[0]


class ProgrammesView(ApiView):
    """The catalogue."""

    permission_classes = [Everybody]
    authentication_classes: list[type] = []

    @extend_schema(
        operation_id="programmes",
        summary="All programmes in force",
        parameters=[
            OpenApiParameter("q", str, description="Words to look for"),
            OpenApiParameter("area", str, description="One area"),
            OpenApiParameter("life", str, description="One situation in life"),
        ],
        responses=ProgrammeEntry(many=True),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        today = timezone.localdate()
        versions = in_force(today)
        chosen = {
            "text": request.GET.get("q", "")[:100],
            "area": request.GET.get("area", ""),
            "life_event": request.GET.get("life", ""),
        }
        found = [entry for _area, entries in listed(versions, on=today, language=_language(), **chosen) for entry in entries]
        return Response(ProgrammeEntry(found, many=True).data)


class ProgrammeView(ApiView):
    """One programme."""

    permission_classes = [Everybody]
    authentication_classes: list[type] = []

    @extend_schema(
        operation_id="programme",
        summary="One programme with its rule in force, or its first when it is still to come, or its last when it has ended",
        responses=ProgrammeSheet,
    )
    def get(self, request: Request, code: str, *args: Any, **kwargs: Any) -> Response:
        found = shown(code, timezone.localdate(), _language())
        if found is None:
            raise Http404
        return Response(ProgrammeSheet(_sheet(found)).data)


def _sheet(found: Shown) -> dict[str, Any]:
    version = found.version
    words = sheet(version, on=found.on, language=_language(), opening=found.opening)
    return {
        "code": words.code,
        "name": words.name,
        "summary": words.summary,
        "agency": words.agency,
        "area": version.programme.area,
        "version": version.number,
        "effective_from": version.effective_from,
        "effective_to": version.effective_to,
        "sha256": version.sha256,
        "conditions": words.groups,
        "facts": sorted(needs_of_version(version)),
        "window": words.opening.state,
        "window_sentence": words.opening.sentence,
        "opens_on": words.opening.opens_on,
        "closes_on": words.opening.closes_on,
        "law": words.law,
        "leaves_out": words.leaves_out,
        "definition": version.definition,
    }


class OwnResultsView(ApiView):
    """The caller's own results."""

    permission_classes = [Person]

    @extend_schema(operation_id="own_results", summary="Your own results", responses=OwnResults)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        record = own_record(self.actor)
        if record is None:
            raise Http404
        found = results_for(record, timezone.localdate())
        return Response(OwnResults({"state": found.state, "on": found.on, "results": found.everything}).data)


urlpatterns = [
    path("programmes/", needs(PUBLIC)(ProgrammesView.as_view()), name="programmes"),
    path("programmes/<slug:code>/", needs(PUBLIC)(ProgrammeView.as_view()), name="programme"),
    path("me/results/", needs(ANYONE)(OwnResultsView.as_view()), name="own_results"),
]
