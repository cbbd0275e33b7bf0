"""What if, from a case: over the facts the gate releases for it, logged like any other look, and nothing stored."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.actions.consents import withdraw as stop_consent
from consent.models import AccessLog, Consent, FactEvent
from portal.kit.actor import acting_as
from tests.factories import portal
from tests.factories.casework import PROGRAMME, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return make_scene()


@pytest.fixture
def desk(scene) -> Client:
    browser = Client()
    portal.sign_in(browser, scene.worker_membership.user)
    return browser


def test_the_worker_tries_out_a_change(scene, desk):
    case = scene.case()
    url = reverse("casework:what_if", args=[case.pk])
    assert url in desk.get(reverse("casework:case", args=[case.pk])).content.decode()
    with acting_as(scene.citizen):
        before = FactEvent.objects.count()
    page = desk.post(url, {"savings": "99999", "partner": "as_now", "on": timezone.localdate().isoformat()})
    assert page.status_code == 200
    assert PROGRAMME in [line["code"] for line in page.context["lines"]]
    assert case.reference in page.content.decode()
    with acting_as(scene.citizen):
        assert FactEvent.objects.count() == before
        looks = AccessLog.objects.filter(record_id=scene.record.pk, purpose="determination", outcome="allow")
        assert looks.filter(actor_user_id=scene.worker_membership.user_id).count() >= 2  # the case page, and this one


def test_after_the_consent_is_stopped_there_is_nothing_to_try(scene, desk):
    case = scene.case()
    with acting_as(scene.citizen):
        stop_consent(
            by=scene.citizen, consent=Consent.objects.get(record=scene.record, activity__programme=PROGRAMME), at=timezone.now()
        )
    response = desk.get(reverse("casework:what_if", args=[case.pk]))
    assert response.status_code == 302 and response["Location"] == reverse("casework:case", args=[case.pk])


def test_another_agency_finds_no_such_case(scene):
    stranger = Client()
    portal.sign_in(stranger, portal.make_membership(portal.make_agency(), "caseworker").user)
    assert stranger.get(reverse("casework:what_if", args=[scene.case().pk])).status_code == 404
