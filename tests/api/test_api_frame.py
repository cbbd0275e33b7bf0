"""The API's frame: closed by default, described, and a person's own record."""

import pytest
from django.test import Client, RequestFactory
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from rest_framework.views import APIView

from consent.models import AccessLog
from portal.api.permissions import Nobody
from portal.kit.actor import acting_as
from tests.factories.consent import make_record

pytestmark = pytest.mark.django_db


def test_a_view_that_declares_nothing_is_closed():
    assert APIView.permission_classes == [Nobody]
    answer = APIView.as_view()(RequestFactory().get("/"))
    assert answer.status_code in (401, 403)


def test_every_api_address_declares_its_rule_and_who_may_call():
    found = list(_all(get_resolver("portal.api.urls").url_patterns))
    assert found
    for entry in found:
        assert hasattr(entry.callback, "access_rule"), entry
        assert Nobody not in entry.callback.cls.permission_classes, entry


def _all(patterns):
    for entry in patterns:
        if hasattr(entry, "url_patterns"):
            yield from _all(entry.url_patterns)
        else:
            yield entry


def test_the_description_is_valid_and_names_what_there_is():

    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    for path in (
        "/api/me/record/",
        "/api/referrals/inbox/",
        "/api/referrals/inbox/{task_id}/",
        "/api/referrals/sent/{referral_id}/",
    ):
        assert path in schema["paths"], path
    for operations in schema["paths"].values():
        for operation in operations.values():
            assert operation["operationId"]
            assert operation["responses"]


def test_the_description_is_served_and_can_be_read_in_a_browser():
    assert Client().get("/api/schema/").status_code == 200
    page = Client().get("/api/docs/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "<script>" not in text
    assert "http://" not in text.replace("http://testserver", "")
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"].split("script-src")[1].split(";")[0]
    script = Client().get("/api/docs/?script=")
    assert script.status_code == 200
    assert "SwaggerUIBundle" in script.content.decode()


def test_a_person_reads_their_own_record_and_the_log_keeps_it():
    record, citizen = make_record({"household.savings": "1200.00", "me.born_on": "1990-04-02"})
    browser = Client()
    session = browser.session
    session["person_id"] = str(record.person_id)
    session.save()
    answer = browser.get("/api/me/record/")
    assert answer.status_code == 200
    assert answer.json()["reference"] == record.reference
    assert answer.json()["household"] == {"savings": "1200.00"}
    assert answer.json()["people"][0]["born_on"] == "1990-04-02"
    with acting_as(citizen):
        assert AccessLog.objects.filter(purpose="own", operation="export").count() == 1


def test_nobody_elses_record_and_nothing_without_a_session():
    make_record({"household.savings": "1200.00"})
    answer = Client().get("/api/me/record/")
    assert answer.status_code in (401, 403)
    assert "1200.00" not in answer.content.decode()
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_unknown_methods_are_refused(method):
    record, _citizen = make_record()
    browser = Client()
    session = browser.session
    session["person_id"] = str(record.person_id)
    session.save()
    assert getattr(browser, method)("/api/me/record/").status_code == 405
