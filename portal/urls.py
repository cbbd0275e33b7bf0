"""Every address of the house. Packages are named as strings only; each keeps its own `urls.py`."""

from collections.abc import Callable

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery
from django.urls import include, path, re_path

from portal.kit.access import ANYONE, SIGNED_IN, Rule, needs
from portal.views import agency, demonstration, entrance, health, notifications, public
from portal.views import sessions as account_sessions
from portal.views.colours import choose_colours
from portal.views.styleguide import styleguide


def _page(rule: Rule, view: Callable) -> Callable:
    """One of allauth's pages, with a declared rule and in our frame."""
    return needs(rule)(entrance.in_our_frame(view))


own = [
    path("", public.start, name="start"),
    path("help/", public.help_page, name="help"),
    path("accessibility/", public.accessibility, name="accessibility"),
    path("privacy/", public.privacy, name="privacy"),
    path("roles/", public.roles, name="roles"),
    path("language/", public.language, name="language"),
    path("colours/", choose_colours, name="colours"),
    path("style-guide/", styleguide, name="styleguide"),
    path("style-guide/<slug:look>/", styleguide, name="styleguide"),
    path("home/", entrance.home, name="home"),
    path("acting-as/", entrance.acting_as, name="acting_as"),
    path("account/", entrance.account, name="account"),
    path("account/sessions/", account_sessions.signed_in, name="sessions"),
    path("account/stay/", account_sessions.stay, name="stay"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.read_all, name="notifications_read"),
    path("notifications/<uuid:notification_id>/", notifications.open_notification, name="notification"),
    path("agency/", agency.agency, name="agency"),
    path("agency/offices/new/", agency.office, name="office_new"),
    path("agency/offices/<uuid:office_id>/", agency.office, name="office"),
    path("agency/teams/new/", agency.team, name="team_new"),
    path("agency/teams/<uuid:team_id>/", agency.team, name="team"),
    path("agency/members/new/", agency.member, name="member_new"),
    path("agency/members/<uuid:membership_id>/", agency.seat, name="member"),
    path("agency/members/<uuid:membership_id>/end/", agency.end, name="member_end"),
    path("demonstration/", demonstration.sign_ins, name="demonstration"),
    path("demonstration/mailbox/", demonstration.mailbox, name="mailbox"),
    path("demonstration/mailbox/<str:name>/", demonstration.mail, name="mail"),
    path("robots.txt", public.robots, name="robots"),
    path(".well-known/security.txt", public.security_txt, name="security_txt"),
]

# allauth finds its own pages by these names.
accounts = [
    path("sign-in/", _page(ANYONE, account.login), name="account_login"),
    path("sign-out/", entrance.sign_out, name="account_logout"),
    path("sign-up/", _page(ANYONE, account.signup), name="account_signup"),
    path("closed/", _page(ANYONE, account.account_inactive), name="account_inactive"),
    path("confirm-email/", _page(ANYONE, account.email_verification_sent), name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", _page(ANYONE, account.confirm_email), name="account_confirm_email"),
    path("email/", _page(SIGNED_IN, account.email), name="account_email"),
    path("again/", _page(SIGNED_IN, account.reauthenticate), name="account_reauthenticate"),
    path("password/", _page(SIGNED_IN, account.password_change), name="account_change_password"),
    path("password/first/", _page(SIGNED_IN, account.password_set), name="account_set_password"),
    path("password/forgotten/", _page(ANYONE, account.password_reset), name="account_reset_password"),
    path("password/forgotten/sent/", _page(ANYONE, account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        _page(ANYONE, account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("password/new/done/", _page(ANYONE, account.password_reset_from_key_done), name="account_reset_password_from_key_done"),
    path("second-step/", _page(SIGNED_IN, second_factor.index), name="mfa_index"),
    path("second-step/code/", _page(ANYONE, second_factor.authenticate), name="mfa_authenticate"),
    path("second-step/again/", _page(SIGNED_IN, second_factor.reauthenticate), name="mfa_reauthenticate"),
    path("second-step/set-up/", _page(SIGNED_IN, entrance.activate_second_factor), name="mfa_activate_totp"),
    path("second-step/remove/", _page(SIGNED_IN, entrance.deactivate_second_factor), name="mfa_deactivate_totp"),
    path("second-step/recovery/", _page(SIGNED_IN, recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("second-step/recovery/new/", _page(SIGNED_IN, recovery.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("second-step/recovery/file/", _page(SIGNED_IN, recovery.download_recovery_codes), name="mfa_download_recovery_codes"),
]

urlpatterns = [
    path("healthz", health.health, name="health"),
    path("", include((own, "portal"))),
    path("account/", include(accounts)),
    path("api/", include("portal.api.urls")),
    path("apply/", include("intake.urls")),
    path("record/", include("consent.urls")),
    path("", include("eligibility.urls")),  # programmes/ and results/
    path("", include("casework.urls")),  # my/ and staff/
]

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.forbidden"
handler404 = "portal.views.errors.not_found"
handler429 = "portal.views.errors.too_many"
handler500 = "portal.views.errors.broken"
