"""Addresses of what previews were asked, and of several drafts at once."""

from django.urls import path

from eligibility.views import preview_together, previews_asked

urlpatterns = [
    path("staff/programmes/uprating/together/", preview_together.together, name="admin_uprating_together"),
    path("staff/programmes/<slug:code>/previews/more/", previews_asked.preview_more, name="preview_more"),
    path("staff/previews/", previews_asked.preview_log, name="preview_log"),
    path("staff/previews/<slug:code>/more/", previews_asked.preview_release, name="preview_release"),
]
