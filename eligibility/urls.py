"""Addresses of the catalogue, of a person's results and of the programme editor."""

from django.urls import path

from eligibility import editor_urls, preview_urls
from eligibility.views import (
    admin,
    catalogue,
    editor,
    folders,
    openings,
    preview,
    proposals,
    real_cases,
    results,
    uprating,
    what_if,
)

app_name = "eligibility"

_version = "staff/programmes/<slug:code>/<int:number>/"

urlpatterns = [
    path("programmes/", catalogue.catalogue, name="catalogue"),
    path("programmes/<slug:code>/", catalogue.programme, name="programme"),
    path("programmes/<slug:code>/versions/", catalogue.versions, name="versions"),
    path("results/", results.results, name="results"),
    path("results/now/", results.screen_now, name="screen_now"),
    path("results/remind/", results.remind, name="remind"),
    path("results/counter/<uuid:record_id>/", results.results_at_counter, name="results_at_counter"),
    path("results/counter/<uuid:record_id>/now/", results.screen_now_at_counter, name="screen_now_at_counter"),
    path("results/counter/<uuid:record_id>/what-if/", what_if.what_if_at_counter, name="what_if_at_counter"),
    path("results/what-if/", what_if.what_if, name="what_if"),
    path("staff/programmes/", admin.programmes, name="admin_list"),
    path("staff/programmes/new/", admin.new_programme, name="admin_new"),
    path("staff/programmes/uprating/", uprating.uprating, name="admin_uprating"),
    path("staff/programmes/uprating/sheet.csv", uprating.sheet, name="admin_uprating_sheet"),
    path("staff/programmes/uprating/values/", uprating.values, name="admin_uprating_values"),
    path("staff/programmes/uprating/drafts/", uprating.drafts, name="admin_uprating_drafts"),
    path("staff/programmes/import/", folders.bring, name="admin_import"),
    *preview_urls.urlpatterns,
    *editor_urls.shared_patterns,
    *editor_urls.proposal_patterns,
    path("staff/programmes/<slug:code>/", admin.programme, name="admin_programme"),
    path("staff/programmes/<slug:code>/pause/", openings.pause, name="admin_pause"),
    path("staff/programmes/<slug:code>/resume/", openings.resume, name="admin_resume"),
    path("staff/programmes/<slug:code>/local-rules/", proposals.allow, name="admin_local_rules"),
    path("staff/programmes/<slug:code>/end/", openings.end, name="admin_end"),
    path("staff/programmes/<slug:code>/end/confirm/", openings.end_confirm, name="admin_end_confirm"),
    path(_version, admin.version, name="admin_version"),
    path(f"{_version}draft/", admin.begin, name="admin_begin"),
    path(f"{_version}send/", admin.send, name="admin_send"),
    path(f"{_version}back/", admin.send_back, name="admin_send_back"),
    path(f"{_version}discard/", admin.discard, name="admin_discard"),
    path(f"{_version}publish/", admin.publish, name="admin_publish"),
    path(f"{_version}examples/real/", real_cases.real_cases, name="admin_real_cases"),
    *editor_urls.urlpatterns,
    path(f"{_version}folder.zip", folders.folder, name="admin_folder"),
    path(f"{_version}text/", editor.files, name="admin_files"),
    path(f"{_version}preview/", preview.preview, name="admin_preview"),
    path(f"{_version}preview/cases/", preview.preview_cases, name="admin_preview_cases"),
]
