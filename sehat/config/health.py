"""`/healthz` (the process lives) and `/readyz` (it can serve), answered before sessions and pages."""

from collections.abc import Callable

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse


def _database_ready() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except Error:
        return False
    return True


class HealthMiddleware:
    """Answers the two health addresses to any host name, as load balancers ask by number."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """200 where well; 503 with the part that is not ready."""
        if request.path == "/healthz":
            return HttpResponse("alive", content_type="text/plain")
        if request.path == "/readyz":
            parts = {"database": _database_ready()}
            return JsonResponse(parts, status=200 if all(parts.values()) else 503)
        return self.get_response(request)
