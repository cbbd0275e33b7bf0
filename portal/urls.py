"""Every address of the house. Packages are named as strings only; each keeps its own `urls.py`."""
from importlib.util import find_spec

from django.urls import include, path

from portal.views.health import health

urlpatterns = [
    path("healthz", health, name="health"),
    path("account/", include("allauth.urls")),
    *[path("", include(f"{package}.urls")) for package in ("portal.views", "consent", "intake", "eligibility", "casework") if find_spec(f"{package}.urls")],
]
