"""Addresses below api/. Packages are named as strings only; each lists its own in `api.py`."""

from importlib.util import find_spec

from django.urls import include, path

from portal.api.views import DocsView, SchemaView
from portal.kit.access import PUBLIC, needs

app_name = "api"

urlpatterns = [
    path("schema/", needs(PUBLIC)(SchemaView.as_view()), name="schema"),
    path("docs/", needs(PUBLIC)(DocsView.as_view()), name="docs"),
    *[path("", include(f"{package}.api")) for package in ("consent", "eligibility", "casework") if find_spec(f"{package}.api")],
]
