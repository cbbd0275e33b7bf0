"""For load balancers and the supervisor: can this process serve?"""

from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from portal.celery import app
from portal.kit.access import PUBLIC, needs

PATIENCE = 1.0  # seconds


@never_cache
@transaction.non_atomic_requests
@needs(PUBLIC)
def health(request: HttpRequest) -> JsonResponse:
    """Answer {"ok", "database", "broker"}; 503 without a database. Without a broker the portal serves: sweeps catch up."""
    database = _database_answers()
    return JsonResponse(
        {"ok": database, "database": "up" if database else "down", "broker": "up" if _broker_answers() else "down"},
        status=200 if database else 503,
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return False
    return True


def _broker_answers() -> bool:
    try:
        with app.connection_for_write(connect_timeout=PATIENCE) as broker:
            broker.ensure_connection(max_retries=1, timeout=PATIENCE)
    except (OperationalError, RedisError, OSError):
        return False
    return True
