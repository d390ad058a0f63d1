"""The API's door in Django: the library behind it is loaded by the first request that asks, and not before.

It costs a third of a second and 15 MB, which neither a start nor an idle portal should pay (`make run` in 3 s).
"""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import Resolver404, URLResolver
from django.urls.resolvers import RoutePattern
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from sehat.api.errors import NotThere
from sehat.kernel.middleware import refusal_json


@cache
def _routes() -> URLResolver:
    from sehat.api.v1 import api

    return URLResolver(RoutePattern("/"), api.urls[0])


@cache
def _description() -> dict[str, Any]:
    from sehat.api.v1 import description

    return description()


@csrf_exempt  # an app has no cookie; of a browser's session `doors` asks for the CSRF token
def v1(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Every operation of version 1."""
    try:
        match = _routes().resolve(f"/{rest}")
    except Resolver404:
        return refusal_json(NotThere())
    match.route = f"api/v1/{match.route.lstrip('/')}"
    request.resolver_match = match
    answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return answer


@require_GET
def openapi(request: HttpRequest) -> HttpResponse:
    """What version 1 can do, for machines and for who writes an app."""
    return JsonResponse(_description())
