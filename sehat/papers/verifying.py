"""The page on which anybody checks a prescription, and the keys to do it without the portal."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from sehat.accounts import throttle
from sehat.kernel import devices
from sehat.kernel.clock import now
from sehat.kernel.errors import Refusal
from sehat.papers import keys, shown, statement, verification
from sehat.papers.checking import MOST_MEGABYTES
from sehat.papers.errors import NoCode, TooBig
from sehat.papers.events import asked_about
from sehat.papers.forms import PaperForm
from sehat.papers.rules import read_number
from sehat.papers.verification import Finding, Standing

READ_AT_MOST = 64 * 1024 * 1024
"""Bytes of an upload that are taken in so as to answer with a sentence; a longer one is not read at all."""
PAPERS = throttle.Limit("papers checked", tries=60)
"""PDFs and photos of one address in a quarter of an hour: a PDF may cost the portal a tenth
of a second, a photo of twelve million points four tenths."""


# The form changes nothing and asks for no login, and an upload that is too long is refused before it is read.
@csrf_exempt
@require_http_methods(["GET", "POST"])
@devices.uses(devices.CAMERA)
def verify(request: HttpRequest) -> HttpResponse:
    """By number, by what was scanned (`number` or `qr`), by photo or by PDF: valid, amended, revoked or unknown."""
    found, context, status = _by_paper(request) if request.method == "POST" else _by_text(request)
    if found:
        context |= {"found": found, "paper": found.paper, "told": _told_of(found)}
        status = HTTPStatus.NOT_FOUND if found.standing == Standing.UNKNOWN else HTTPStatus.OK
    return render(request, "papers/verify.html", {"form": PaperForm(), **context}, status=status)


Answer = tuple[Finding | None, dict[str, Any], int]
"""What was found, or what the page says of the refusal, and its status."""


def _by_text(request: HttpRequest) -> Answer:
    scanned = request.GET.get("qr", "").strip()
    asked = request.GET.get("number", "").strip()
    context: dict[str, Any] = {"asked": asked[:60] if read_number(asked) or len(asked) < 61 else ""}
    if not scanned and not asked:
        return None, context, HTTPStatus.OK
    try:
        return verification.of_text(scanned or asked), context, HTTPStatus.OK
    except Refusal as refusal:
        # Who types sees what to do with a number; who scans, with a code.
        no_number = isinstance(refusal, NoCode) and not statement.code_in(asked)
        fault = "code" if scanned else "number"
        return None, context | {"refusal": refusal, "fault": fault, "no_number": no_number}, refusal.status


def _by_paper(request: HttpRequest) -> Answer:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > READ_AT_MOST:
        raise TooBig(most=MOST_MEGABYTES)
    form = PaperForm(request.POST, request.FILES)
    if not form.is_valid():
        return None, {"form": form}, HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        throttle.spend(PAPERS, throttle.address_of(request), now=now())
        return shown.of_upload(form.cleaned_data["paper"]), {}, HTTPStatus.OK
    except Refusal as refusal:
        form.add_error("paper", str(refusal))
        return None, {"form": form}, refusal.status


def _told_of(found: Finding) -> list[tuple[str, str]]:
    """What later rooms say of it."""
    if found.paper is None:
        return []
    answers: list[tuple[Any, Any]] = asked_about.send(sender=type(found.paper), paper=found.paper)
    return [told for _receiver, told in answers if told]


@require_GET
def jwks(request: HttpRequest) -> HttpResponse:
    """The public keys of codes and PDFs (RFC 7517), for any page and any program."""
    response = JsonResponse(keys.published(), content_type="application/jwk-set+json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
