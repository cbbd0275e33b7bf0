"""Each guard bites."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import Context, Origin, Template
from django.template.engine import Engine
from django.test import Client
from django.urls import path
from zeal.errors import NPlusOneError

from tests.guards.network import NetworkUsed
from tests.guards.requests import GetWrote
from tests.guards.templates import OURS, QueryInTemplate, UndefinedVariable


def write(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("create temporary table guarded (n int)")
        cursor.execute("insert into guarded values (1)")
    return HttpResponse("written")


def trace(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("delete from django_session where session_key = 'none'")
    return HttpResponse("traced")


def repeat(request: HttpRequest) -> HttpResponse:
    from django.contrib.auth.models import Permission

    return HttpResponse([permission.content_type.model for permission in Permission.objects.order_by("pk")[:10]])


urlpatterns = [path("write", write), path("trace", trace), path("repeat", repeat)]


def ours(source: str) -> Template:
    return Template(source, origin=Origin(str(OURS / "public" / "planted.html")), engine=Engine.get_default())


@pytest.mark.parametrize(
    "source", ["{{ nobody }}", "{{ nobody.name }}", "{% for x in nobody.all %}{% endfor %}x{{ nobody|upper }}"]
)
def test_an_undefined_variable_fails(source: str) -> None:
    with pytest.raises(UndefinedVariable, match="nobody"):
        ours(source).render(Context())


@pytest.mark.parametrize("source", ["{{ nobody|default:'x' }}", "{% if nobody %}{% else %}x{% endif %}", "{{ somebody }}"])
def test_a_value_that_may_be_missing_says_so(source: str) -> None:
    assert ours(source).render(Context({"somebody": "x"})) == "x"


def test_two_threads_that_render_at_once_keep_apart() -> None:
    """One is in the middle of a value that must be there while the other begins and ends one that may be missing."""
    inside, done = threading.Event(), threading.Event()

    def slowly() -> str:
        inside.set()
        assert done.wait(20)
        return "slow"

    with ThreadPoolExecutor() as pool:
        slow = pool.submit(ours("{{ slowly }}{{ nobody|default:'x' }}").render, Context({"slowly": slowly}))
        assert inside.wait(20)
        assert ours("{{ somebody }}{{ nobody|default:'x' }}").render(Context({"somebody": "y"})) == "yx"
        done.set()
        assert slow.result(20) == "slowx"
    assert ours("{{ nobody|default:'x' }}").render(Context()) == "x"


def test_others_templates_are_left_alone() -> None:
    assert Template("a{{ nobody }}b", origin=Origin(str(Path("/elsewhere/x.html")))).render(Context()) == "ab"


@pytest.mark.django_db
def test_a_query_in_a_template_fails() -> None:
    with pytest.raises(QueryInTemplate, match="content_type"):
        ours("{% for kind in kinds %}{{ kind.model }}{% endfor %}").render(Context({"kinds": ContentType.objects.all()}))
    assert ours("{% for kind in kinds %}x{% endfor %}").render(Context({"kinds": ContentType.objects.all()[:0]})) == ""


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_get_that_writes_fails(client: Client) -> None:
    with pytest.raises(GetWrote, match="guarded"):
        client.get("/write")
    assert client.get("/trace").content == b"traced"


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_post_may_write(client: Client) -> None:
    assert client.post("/write").content == b"written"


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_query_per_row_fails(client: Client) -> None:
    ContentType.objects.clear_cache()
    with pytest.raises(NPlusOneError):
        client.get("/repeat")


def test_another_machine_is_out_of_reach() -> None:
    with socket.socket() as outside, pytest.raises(NetworkUsed):
        outside.connect(("192.0.2.1", 80))  # a documentation address (RFC 5737)
