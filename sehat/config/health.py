"""`/healthz` (the process lives), `/readyz` (it can serve) and `/metrics`, answered before sessions and pages."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.crypto import constant_time_compare

from sehat.kernel.middleware import RETRY_SECONDS
from sehat.live import pulse
from sehat.live.hub import hub


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except Error:
        return False
    return True


def _worker() -> bool:
    try:
        return pulse.worker_lives()
    except Error:
        return False


def readiness() -> dict[str, bool]:
    """Each part that the portal stands on, and whether it is there."""
    parts = {"database": _database()}
    if hub.relay is not None:
        parts["redis"] = hub.relay.answers()
    parts["worker"] = parts["database"] and _worker()
    return parts


def may_measure(request: HttpRequest) -> bool:
    """Whether the asker of `/metrics` has the token, or asks from this very host and not through a proxy."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme == "Bearer" and constant_time_compare(token, settings.METRICS_TOKEN):
        return True
    try:
        here = ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return here and "X-Forwarded-For" not in request.headers


class HealthMiddleware:
    """Answers the three addresses to any host name, as load balancers ask by number, and without TLS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """`/readyz` is 503 only without the database: without Redis or worker people are still served."""
        if request.path == "/healthz":
            return HttpResponse("alive", content_type="text/plain")
        if request.path == "/readyz":
            parts = readiness()
            if parts["database"]:
                return JsonResponse(parts)
            return JsonResponse(parts, status=503, headers={"Retry-After": str(RETRY_SECONDS)})
        if request.path == "/metrics":
            if not may_measure(request):
                return HttpResponse(status=404)
            # Only where somebody measures is the library worth its memory.
            from sehat.config import metrics

            return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE_LATEST)
        return self.get_response(request)
