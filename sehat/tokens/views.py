"""Take a token with its health records, and go in with it; open a record."""

from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sehat.clinic import queries as clinic
from sehat.clinic.errors import OpdClosed
from sehat.clinic.models import Opd
from sehat.entitlement.errors import NotEntitled
from sehat.kernel.clock import INDIA, india_day
from sehat.kernel.clock import now as clock
from sehat.kernel.errors import Refusal
from sehat.kernel.files import StoreAway
from sehat.registration import sessions
from sehat.registration.models import Patient
from sehat.tokens import queries, services, serving
from sehat.tokens.errors import OneOpenToken, OpdFull, ReferralNeeded
from sehat.tokens.forms import DetailsForm
from sehat.tokens.taking import take


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The details of the patient and of the visit; gives Patient ID and token."""
    now = clock()
    mobile = sessions.proved_mobile(request, now=now)
    if mobile is None:
        return _onward(request, "registration:start")
    patient = sessions.patient_here(request, mobile)
    if patient and queries.open_token_of(patient):
        return _onward(request, "tokens:issued")
    asked = {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}
    initial = {} if patient else {"language": get_language()}
    form = DetailsForm(**asked, patient=patient, today=india_day(now), initial=initial)
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                take(form, mobile=mobile, now=now)
            except OneOpenToken:
                return _onward(request, "tokens:issued")
            except Refusal as refusal:
                form.add_error(_field_of(refusal), str(refusal))
                status = HTTPStatus(refusal.status)
            else:
                return _onward(request, "tokens:issued")
    context = {"form": form, "mobile": mobile, "known": patient, "opens": _opens(form.opds)}
    return render(request, "tokens/new.html", context, status=status)


def _field_of(refusal: Refusal) -> str | None:
    """The field beside which the sentence belongs."""
    if isinstance(refusal, NotEntitled):
        return "service_number"
    if isinstance(refusal, StoreAway):
        return "records"  # a token is to be had without them
    return "opd" if isinstance(refusal, OpdClosed | OpdFull | ReferralNeeded) else None


def _opens(opds: list[Opd]) -> str:
    """When tokens are given again, if the OPD is closed now; else empty."""
    if not opds:
        return ""
    now = clock()
    calendar = clinic.calendar(opds[0], now=now)
    if calendar.session(now, early=timedelta(minutes=settings.TOKENS_OPEN_MINUTES_BEFORE)):
        return ""
    upcoming = calendar.next_session(now)
    return date_format(timezone.localtime(upcoming.opens, INDIA), "l, j F, H:i") if upcoming else "–"


def _onward(request: HttpRequest, name: str) -> HttpResponse:
    """To the next page; a form that was sent by its script is told the address."""
    if "X-Upload" in request.headers:
        return JsonResponse({"next": reverse(name)}, status=HTTPStatus.CREATED)
    return redirect(name)


def _proved_patient(request: HttpRequest) -> Patient | None:
    mobile = sessions.proved_mobile(request, now=clock())
    return sessions.patient_here(request, mobile) if mobile else None


@require_GET
def issued(request: HttpRequest) -> HttpResponse:
    """Patient ID and token number, to write down."""
    patient = _proved_patient(request)
    token = queries.open_token_of(patient) if patient else None
    if token is None:
        return redirect("registration:start")
    return render(request, "tokens/issued.html", {"patient": patient, "token": token})


@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """From there to the waiting room: the mobile was proved by OTP a moment ago, so this is a login."""
    patient = _proved_patient(request)
    token = queries.open_token_of(patient) if patient else None
    if patient is None or token is None:
        return _htmx_redirect(request, "tokens:login")
    sessions.sign_in(request, patient)
    services.join(token=token, now=clock())
    return _htmx_redirect(request, "waiting:room")


def _htmx_redirect(request: HttpRequest, name: str) -> HttpResponse:
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": reverse(name)})
    return redirect(name)


@require_GET
@sessions.patient_required
def record(request: sessions.PatientRequest, ref: str) -> HttpResponseBase:
    """A health record, to its own patient; the doctor opens it within the consultation, two rooms on."""
    found = queries.record_of(request.patient, ref)
    if found is None:
        raise Http404
    return serving.show(found)
