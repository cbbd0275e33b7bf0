"""The reaction to a stopped permission, through the real broker and a real worker."""

import time

import pytest
from django.db import transaction
from django.utils import timezone

from consent.actions.consents import withdraw
from consent.models import Consent
from portal.kit.actor import acting_as
from tests.factories.casework import make_scene


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_tells_the_caseworker_that_a_permission_ended(celery_worker):
    scene = make_scene(screened=False)
    case = scene.case()
    with acting_as(scene.citizen), transaction.atomic():
        withdraw(by=scene.citizen, consent=Consent.objects.get(state="given"), at=timezone.now())
    until = time.monotonic() + 30
    while scene.fresh(case).next_step != "permission_ended":
        assert time.monotonic() < until, celery_worker
        time.sleep(0.2)
