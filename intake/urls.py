"""Addresses of asking, below apply/."""

from django.urls import path, re_path

from intake.views import check, counter, drafts, household, interests, questions

app_name = "intake"
urlpatterns = [
    path("", drafts.start, name="start"),
    path("open/<uuid:submission_id>/", drafts.open_draft, name="open"),
    path("come-back/", drafts.come_back, name="come_back"),
    path("later/", drafts.later, name="later"),
    path("new-code/", drafts.new_code, name="new_code"),
    path("delete/", drafts.give_up, name="give_up"),
    path("about/", interests.interests, name="interests"),
    path("parts/", questions.tasks, name="tasks"),
    path("parts/<slug:code>/", questions.section, name="section"),
    re_path(r"^question/(?P<subject>[0-9a-z-]{1,36})/(?P<code>[a-z_]{1,40})/$", questions.question, name="question"),
    path("household/", household.members, name="members"),
    path("household/new/", household.member, name="member_new"),
    path("household/<uuid:member_id>/", household.member, name="member"),
    path("household/<uuid:member_id>/remove/", household.remove, name="member_remove"),
    path("check/", check.check, name="check"),
    path("receipt/", check.receipt, name="receipt"),
    path("counter/", counter.counter, name="counter"),
    path("counter/more/", counter.more, name="counter_more"),
    path("counter/code/", counter.handover, name="handover"),
    path("counter/end/", counter.end, name="counter_end"),
]
