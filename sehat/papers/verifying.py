"""The page on which anybody checks a prescription, and the keys to do it without the portal."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from sehat.accounts import throttle
from sehat.kernel.clock import now
from sehat.kernel.errors import Refusal
from sehat.papers import keys, statement, verification
from sehat.papers.checking import MOST_BYTES, MOST_MEGABYTES
from sehat.papers.errors import NoCode, NotAPdf, TooBig
from sehat.papers.events import asked_about
from sehat.papers.rules import read_number
from sehat.papers.verification import Finding, Standing

READ_AT_MOST = 64 * 1024 * 1024
"""Bytes of an upload that are taken in so as to answer with a sentence; a longer one is not read at all."""
PAPERS = throttle.Limit("papers checked", tries=60)
"""PDFs of one address in a quarter of an hour: each may cost the portal a tenth of a second."""


# The form changes nothing and asks for no login, and an upload that is too long is refused before it is read.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """By number, by what was scanned (`number` or `qr`) or by PDF: valid, amended, revoked or unknown."""
    scanned = request.GET.get("qr", "").strip()
    asked = request.GET.get("number", "").strip()
    context: dict[str, object] = {"asked": asked[:60] if read_number(asked) or len(asked) < 61 else ""}
    status = HTTPStatus.OK
    found: Finding | None = None
    try:
        if request.method == "POST":
            found = verification.of_pdf(_paper(request))
        elif scanned or asked:
            found = verification.of_text(scanned or asked)
    except Refusal as refusal:
        context["refusal"], status = refusal, HTTPStatus(refusal.status)
        # Who types sees what to do with a number; who scans, with a code.
        context["refusal_is_no_code"] = isinstance(refusal, NoCode) and not statement.code_in(asked)
        context["fault"] = "paper" if request.method == "POST" else "code" if scanned else "number"
    if found:
        context["found"], context["paper"] = found, found.paper
        context["told"] = _told_of(found)
        status = HTTPStatus.NOT_FOUND if found.standing == Standing.UNKNOWN else HTTPStatus.OK
    return render(request, "papers/verify.html", context, status=status)


def _told_of(found: Finding) -> list[tuple[str, str]]:
    """What later rooms say of it."""
    if found.paper is None:
        return []
    answers: list[tuple[Any, Any]] = asked_about.send(sender=type(found.paper), paper=found.paper)
    return [told for _receiver, told in answers if told]


def _paper(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > READ_AT_MOST:
        raise TooBig(most=MOST_MEGABYTES)
    upload = request.FILES.get("paper")
    if upload is None:
        raise NotAPdf
    if (upload.size or 0) > MOST_BYTES:
        raise TooBig(most=MOST_MEGABYTES)
    throttle.spend(PAPERS, throttle.address_of(request), now=now())
    return bytes(upload.read())


@require_GET
def jwks(request: HttpRequest) -> HttpResponse:
    """The public keys of codes and PDFs (RFC 7517), for any page and any program."""
    response = JsonResponse(keys.published(), content_type="application/jwk-set+json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
