"""The product's addresses, and those of the controls."""

from django.urls import include, path

from portal.urls import handler400, handler403, handler404, handler429, handler500  # noqa: F401  Django looks for them here
from tests.bench.control import views

urlpatterns = [
    path("bench/unit/", views.unit),
    path("bench/intake/", views.SendIntake.as_view()),
    path("", include("portal.urls")),
]
