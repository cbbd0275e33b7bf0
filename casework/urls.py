"""Addresses of casework: a person's own applications under my/, colleagues' work under staff/."""

from django.urls import path

from casework.views import apply, case, dead_letters, decide, letter, mine, referrals, what_if, worklist

app_name = "casework"

cases = [
    path("my/", mine.overview, name="my"),
    path("my/apply/", apply.apply, name="apply"),
    path("my/apply/sent/<uuid:key>/", apply.receipt, name="applied"),
    path("my/applications/<uuid:case_id>/", mine.my_case, name="my_case"),
    path("my/applications/<uuid:case_id>/take-back/", mine.withdraw, name="withdraw"),
    path("my/questions/<uuid:request_id>/", mine.answer, name="answer"),
    path("letters/<uuid:letter_id>/", letter.page, name="letter"),
    path("letters/<uuid:letter_id>.pdf", letter.pdf, name="letter_pdf"),
    path("staff/cases/", worklist.worklist, name="worklist"),
    path("staff/cases/assign/", worklist.assign_picked, name="assign_picked"),
    path("staff/cases/<uuid:case_id>/", case.case, name="case"),
    path("staff/cases/<uuid:case_id>/step/", case.advance, name="advance"),
    path("staff/cases/<uuid:case_id>/assign/", case.assign, name="assign"),
    path("staff/cases/<uuid:case_id>/note/", case.note, name="note"),
    path("staff/cases/<uuid:case_id>/ask/", case.ask, name="ask"),
    path("staff/cases/<uuid:case_id>/questions/<uuid:request_id>/take-back/", case.take_back, name="take_back"),
    path("staff/cases/<uuid:case_id>/tasks/<uuid:task_id>/done/", case.finish_task, name="finish_task"),
    path("staff/cases/<uuid:case_id>/close/", case.close, name="close"),
    path("staff/cases/<uuid:case_id>/open-again/", case.reopen, name="reopen"),
    path("staff/cases/<uuid:case_id>/what-if/", what_if.what_if, name="what_if"),
    path("staff/cases/<uuid:case_id>/decide/", decide.decide, name="decide"),
]

referral_pages = [
    path("my/referrals/<uuid:referral_id>/answer/", referrals.referral_answer, name="referral_answer"),
    path("my/referrals/<uuid:referral_id>/stop/", referrals.referral_stop, name="referral_stop"),
    path("my/referrals/<uuid:task_id>/helped/", referrals.referral_helped, name="referral_helped"),
    path("staff/referrals/in/", referrals.referrals_in, name="referrals_in"),
    path("staff/referrals/out/", referrals.referrals_out, name="referrals_out"),
    path("staff/referrals/new/<uuid:record_id>/", referrals.referral_new, name="referral_new"),
    path("staff/referrals/<uuid:referral_id>/", referrals.referral, name="referral"),
    path("staff/referrals/<uuid:referral_id>/take-back/", referrals.referral_take_back, name="referral_take_back"),
    path("staff/referrals/<uuid:referral_id>/another-place/", referrals.referral_reroute, name="referral_reroute"),
    path("staff/referrals/steps/<uuid:task_id>/look/", referrals.referral_look, name="referral_look"),
    path("staff/referrals/steps/<uuid:task_id>/<slug:step>/", referrals.referral_step, name="referral_step"),
    path("staff/undelivered/", dead_letters.dead_letters, name="dead_letters"),
    path("staff/undelivered/<uuid:delivery_id>/again/", dead_letters.send_again, name="send_again"),
]

urlpatterns = [*cases, *referral_pages]
