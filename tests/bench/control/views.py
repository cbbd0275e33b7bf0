"""The two controls over HTTP: the unit page F1, and an intake as Django REST framework's own guide would write it."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template import engines
from rest_framework import permissions, serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.bench.control.models import Intake, IntakeConsent, IntakeFact, IntakeMessage, IntakePerson, Unit

PAGE = engines["django"].from_string(
    "<!doctype html><html lang='en'><head><title>Unit</title></head><body><h1>Unit</h1><table>"
    "{% for row in rows %}<tr><td>{{ row.id }}</td><td>{{ row.title }}</td><td>{{ row.text }}</td></tr>{% endfor %}"
    "</table></body></html>"
)


def unit(request: HttpRequest) -> HttpResponse:
    """F1: one query, ten rows, a plain template, under the same middleware as every page."""
    return HttpResponse(PAGE.render({"rows": Unit.objects.order_by("id")[:10]}, request))


class FactSerializer(serializers.Serializer):
    """One answer."""

    code = serializers.RegexField(r"^(household|person)\.[a-z_]{1,60}$")
    value = serializers.JSONField(allow_null=True)
    person = serializers.IntegerField(min_value=0, allow_null=True)


class PersonSerializer(serializers.ModelSerializer):
    """Somebody of the household."""

    class Meta:
        model = IntakePerson
        fields = ["role", "name", "born_on"]


class ConsentSerializer(serializers.ModelSerializer):
    """What was allowed."""

    class Meta:
        model = IntakeConsent
        fields = ["purpose", "text", "until"]


class IntakeSerializer(serializers.Serializer):
    """A whole form."""

    language = serializers.CharField(max_length=8)
    people = PersonSerializer(many=True)
    facts = FactSerializer(many=True)
    consents = ConsentSerializer(many=True)

    def validate(self, data: dict) -> dict:
        """Every fact is about the household or somebody in it."""
        for fact in data["facts"]:
            if fact["person"] is not None and fact["person"] >= len(data["people"]):
                raise serializers.ValidationError("There is no such person.")
        return data

    @transaction.atomic
    def create(self, validated_data: dict) -> Intake:
        """Five inserts, each in bulk."""
        intake = Intake.objects.create(language=validated_data["language"])
        people = IntakePerson.objects.bulk_create(IntakePerson(intake=intake, **one) for one in validated_data["people"])
        IntakeFact.objects.bulk_create(
            IntakeFact(
                intake=intake,
                person=None if fact["person"] is None else people[fact["person"]],
                code=fact["code"],
                value=fact["value"],
                source="self",
            )
            for fact in validated_data["facts"]
        )
        IntakeConsent.objects.bulk_create(IntakeConsent(intake=intake, **one) for one in validated_data["consents"])
        IntakeMessage.objects.bulk_create([IntakeMessage(intake=intake, topic="sent", body={"intake": str(intake.pk)})])
        return intake


class SendIntake(APIView):
    """POST one form. Signed in by session, with the CSRF token."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [permissions.IsAuthenticated]

    def post(self, request: Request) -> Response:
        """Store it; answers with its id."""
        serializer = IntakeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({"id": str(serializer.save().pk)}, status=status.HTTP_201_CREATED)
