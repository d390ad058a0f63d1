"""Turns a refusal that no form caught into a page, a fragment or JSON; and keeps answers out of shared caches."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from sehat.kernel import devices
from sehat.kernel.errors import Refusal

NO_DEVICE = devices.policy()

Handler = Callable[[HttpRequest], HttpResponseBase]


def refusal_json(refusal: Refusal) -> JsonResponse:
    """The refusal for scripts and apps: its name, its sentence, and what else it has to say."""
    said = {"error": type(refusal).__name__, "sentence": str(refusal), **refusal.more}
    return JsonResponse(said, status=refusal.status)


def refusal_response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The refusal as the asker can read it: JSON, an htmx fragment, or a page. Status is the refusal's."""
    if request.headers.get("Accept", "").startswith("application/json"):
        return refusal_json(refusal)
    return render(
        request,
        "kernel/refusal.html",
        {"sentence": str(refusal), "status": refusal.status, "fragment": "HX-Request" in request.headers},
        status=refusal.status,
    )


class RefusalMiddleware:
    """Answers an uncaught `Refusal` in one place."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; pages that depend on a session are never stored by caches."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", NO_DEVICE)
        if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            # Pages show it in place (kernel.js), as they do not with what a proxy says in the portal's stead.
            response.headers["X-Sentence"] = "1"
        if "Cache-Control" not in response.headers and getattr(request, "session", None) is not None:
            response.headers["Cache-Control"] = "private, no-store"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer refusals; leave everything else to Django."""
        return refusal_response(request, error) if isinstance(error, Refusal) else None
