"""The request as the pages of colleagues get it: with the membership in use."""

from portal.kit.http import PortalRequest
from portal.models import Membership


class MemberRequest(PortalRequest):
    """A request that passed `portal.middleware.ActorMiddleware`.

    membership: the one the session acts under. A page behind a power always has it; on other pages it may be None. unread: how many
    notices wait, where a page is read by somebody who is signed in.
    """

    membership: Membership
    unread: int
