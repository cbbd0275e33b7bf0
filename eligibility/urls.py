"""Addresses of the catalogue, of a person's results and of the programme editor."""

from django.urls import path

from eligibility.views import catalogue, results

app_name = "eligibility"

urlpatterns = [
    path("programmes/", catalogue.catalogue, name="catalogue"),
    path("programmes/<slug:code>/", catalogue.programme, name="programme"),
    path("programmes/<slug:code>/versions/", catalogue.versions, name="versions"),
    path("results/", results.results, name="results"),
    path("results/now/", results.screen_now, name="screen_now"),
]
