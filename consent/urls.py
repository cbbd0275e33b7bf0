"""Addresses of the record: the citizen's two pages, and the agency's trail."""

from django.urls import path

from consent.views import at_counter, own, trail

app_name = "consent"
urlpatterns = [
    path("", own.data, name="data"),
    path("decide/<uuid:consent_id>/", own.decide_again, name="decide"),
    path("log/", own.log, name="log"),
    path("log/download/", own.log_download, name="log_download"),
    path("counter/<uuid:record_id>/", at_counter.allow, name="at_counter"),
    path("agency-log/", trail.agency_log, name="agency_log"),
    path("register/", trail.register, name="register"),
]
