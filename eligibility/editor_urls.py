"""Addresses of the pages that change one part of a draft. Most stand for the common rule, for a local variant with
its id, and for a local rule that is proposed to another agency.
"""

from django.urls import path

from eligibility.views import conditions, editor, examples, limits, local, openings, parts, proposals, shared

VERSION = "staff/programmes/<slug:code>/<int:number>/"
_LOCAL = f"{VERSION}local/<slug:place>/"
_PROPOSALS = "staff/programmes/local-rules/"
_PROPOSED = f"{_PROPOSALS}<uuid:proposal>/"

_in_places = [
    ("conditions/new/", conditions.criterion, "admin_criterion_new"),
    ("conditions/<slug:id_>/", conditions.criterion, "admin_criterion"),
    ("limits/new/", limits.new_limit, "admin_limit_new"),
    ("limits/<slug:name>/", limits.limit, "admin_limit"),
    ("limits/<slug:name>/remove/", limits.limit_row_remove, "admin_limit_remove"),
    ("worked-out/new/", parts.worked_out, "admin_worked_out_new"),
    ("worked-out/<slug:name>/", parts.worked_out, "admin_worked_out"),
    ("amount/", parts.amount, "admin_amount"),
    ("texts/", editor.texts, "admin_texts"),
]

shared_patterns = [
    path("staff/programmes/shared/", shared.shared, name="admin_shared"),
    path("staff/programmes/shared/<slug:name>/<slug:limit>/", shared.shared_limit, name="admin_shared_limit"),
]

proposal_patterns = [
    path(_PROPOSALS, proposals.proposals, name="admin_proposals"),
    path(f"{_PROPOSALS}new/<slug:code>/", proposals.new, name="admin_proposal_new"),
    path(_PROPOSED, proposals.proposal, name="admin_proposal"),
    path(f"{_PROPOSED}step/", proposals.step, name="admin_proposal_step"),
    path(f"{_PROPOSED}answer/", proposals.answer, name="admin_proposal_answer"),
    path(f"{_PROPOSED}details/", local.variant_details, name="admin_variant_details_proposed"),
    path(f"{_PROPOSED}change/", local.variant_change, name="admin_variant_change_proposed"),
    path(f"{_PROPOSED}examples/new/", examples.example, name="admin_example_new_proposed"),
    path(f"{_PROPOSED}examples/<slug:id_>/", examples.example, name="admin_example_proposed"),
    *(path(_PROPOSED + route, view, name=f"{name}_proposed") for route, view, name in _in_places),
]

urlpatterns = [
    *(path(VERSION + route, view, name=name) for route, view, name in _in_places),
    path(f"{VERSION}about/", parts.about, name="admin_about"),
    path(f"{VERSION}evidence/new/", parts.evidence, name="admin_evidence_new"),
    path(f"{VERSION}evidence/<slug:id_>/", parts.evidence, name="admin_evidence"),
    path(f"{VERSION}examples/new/", examples.example, name="admin_example_new"),
    path(f"{VERSION}examples/<slug:id_>/", examples.example, name="admin_example"),
    path(f"{VERSION}windows/new/", openings.window, name="admin_window_new"),
    path(f"{VERSION}windows/<int:position>/", openings.window, name="admin_window"),
    path(f"{VERSION}windows/<int:position>/remove/", openings.window_remove, name="admin_window_remove"),
    path(f"{VERSION}floor/", local.floor, name="admin_floor"),
    path(f"{VERSION}local/new/", local.variant_details, name="admin_variant_new"),
    path(_LOCAL, local.variant, name="admin_variant"),
    path(f"{_LOCAL}details/", local.variant_details, name="admin_variant_details"),
    path(f"{_LOCAL}change/", local.variant_change, name="admin_variant_change"),
    *(path(_LOCAL + route, view, name=f"{name}_local") for route, view, name in _in_places),
]
