"""For load balancers and the supervisor: can this process reach its database?"""
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from portal.kit.access import PUBLIC, needs


@never_cache
@needs(PUBLIC)
def health(request: HttpRequest) -> JsonResponse:
    """Answer {"ok": true} once the database answers; a failure is an error 500."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return JsonResponse({"ok": True})
