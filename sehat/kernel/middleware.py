"""Turns a refusal that no form caught, and a database that is away, into a page, a fragment or JSON; and keeps answers
out of shared caches."""

import sys
from collections.abc import Callable
from http import HTTPStatus

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.defaults import server_error

from sehat.kernel import devices
from sehat.kernel.away import DatabaseAway, NotSaved, is_away
from sehat.kernel.errors import Refusal

NO_DEVICE = devices.policy()
RETRY_SECONDS = 10
"""When what is away may be asked again."""
FOR_APPS = "/api/"
"""Below it everything is JSON, whatever the asker says it takes."""
READS = {"GET", "HEAD", "OPTIONS"}

Handler = Callable[[HttpRequest], HttpResponseBase]


def refusal_json(refusal: Refusal) -> JsonResponse:
    """The refusal for scripts and apps: its name, its sentence, and what else it has to say."""
    said = {"error": type(refusal).__name__, "sentence": str(refusal), **refusal.more}
    return JsonResponse(said, status=refusal.status)


def refusal_response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The refusal as the asker can read it: JSON, an htmx fragment, or a page. Status is the refusal's."""
    if _takes_json(request):
        return refusal_json(refusal)
    return render(
        request,
        "kernel/refusal.html",
        {"sentence": str(refusal), "status": refusal.status, "fragment": "HX-Request" in request.headers},
        status=refusal.status,
    )


def failed(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: wherever an error came from, a view, a template or a session that is stored after both, it
    passes here. A database that is away is 503, everything else 500."""
    if not is_away(sys.exception()):
        return server_error(request)
    refusal = DatabaseAway() if request.method in READS else NotSaved()
    answer = refusal_json(refusal) if _takes_json(request) else _away(request, refusal)
    answer.headers["Cache-Control"] = "private, no-store"
    # A piece of a page is told beside it (kernel.js): what was typed stays, what asks every few seconds goes on.
    answer.headers["X-Sentence"] = "beside"
    _say_when(answer)
    return answer


def _takes_json(request: HttpRequest) -> bool:
    return request.path.startswith(FOR_APPS) or request.headers.get("Accept", "").startswith("application/json")


def _away(request: HttpRequest, refusal: DatabaseAway) -> HttpResponse:
    """Rendered without the request, whose session and person could not be asked for."""
    sent, files = _sent(request)
    context = {
        "sentence": str(refusal),
        "fragment": "HX-Request" in request.headers,
        "path": request.get_full_path(),
        "reads": request.method in READS,
        "sent": sent,
        "files": files,
    }
    return HttpResponse(render_to_string("kernel/away.html", context), status=refusal.status)


def _sent(request: HttpRequest) -> tuple[list[tuple[str, str]], bool]:
    """What a form has sent, to be sent again, and whether there were files, which cannot be.

    With the CSRF token that came, and no new one: the form may have been a stranger's. Nothing of a form with a
    password, which has no place in a page, and of one that cannot be read.
    """
    try:
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
        files = bool(request.FILES)
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return [], False
    return [] if any("password" in name for name, _value in sent) else sent, files


def _say_when(response: HttpResponseBase) -> None:
    """What is away comes back, and pages show it in place (kernel.js), as they do not with what a proxy says in the
    portal's stead."""
    response.headers.setdefault("X-Sentence", "1")
    response.headers.setdefault("Retry-After", str(RETRY_SECONDS))


class RefusalMiddleware:
    """Answers an uncaught `Refusal` in one place."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; pages that depend on a session are never stored by caches."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", NO_DEVICE)
        if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            _say_when(response)
        if "Cache-Control" not in response.headers and getattr(request, "session", None) is not None:
            response.headers["Cache-Control"] = "private, no-store"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer refusals; leave everything else to Django."""
        return refusal_response(request, error) if isinstance(error, Refusal) else None
