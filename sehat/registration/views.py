"""Prove a mobile by OTP: two pages, for registration here and for the login with OTP in the next room."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from sehat.accounts.throttle import address_of
from sehat.kernel.clock import india_day
from sehat.kernel.clock import now as clock
from sehat.kernel.errors import Refusal
from sehat.registration import corrections, queries, services, sessions
from sehat.registration.errors import CorrectionPending, OtpTooSoon
from sehat.registration.forms import CorrectionForm, MobileForm, OtpForm

Proved = Callable[[HttpRequest, str], HttpResponse]


@dataclass(frozen=True, slots=True)
class OtpPages:
    """One pair of pages: the names of their addresses, and what stands above them."""

    start: str
    code: str
    title: str | Promise
    lead: str | Promise


def ask_mobile(request: HttpRequest, pages: OtpPages) -> HttpResponse:
    """First page: the mobile, *Send OTP*."""
    form = MobileForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            mobile = form.cleaned_data["mobile"]
            try:
                _send(request, mobile)
            except OtpTooSoon:
                return _onward(pages, mobile)  # one is on its way: there it is typed in
            except Refusal as refusal:
                form.add_error("mobile", str(refusal))
                status = refusal.status
            else:
                return _onward(pages, mobile)
    return render(request, "registration/mobile.html", {"form": form, "pages": pages}, status=status)


def ask_code(request: HttpRequest, pages: OtpPages, proved: Proved) -> HttpResponse:
    """Second page: the OTP, *OK*, *Resend OTP*. `proved` answers once the mobile is proved."""
    mobile = sessions.otp_mobile(request)
    if mobile is None:
        return redirect(pages.start)
    form, status, sent = OtpForm(), 200, False
    if "again" in request.POST:
        try:
            _send(request, mobile)
            sent = True
        except Refusal as refusal:
            form = OtpForm({"code": ""})
            form.errors.clear()
            form.add_error("code", str(refusal))
            status = refusal.status
    elif request.method == "POST":
        form, status = OtpForm(request.POST), 422
        if form.is_valid():
            try:
                services.verify_otp(mobile=mobile, code=form.cleaned_data["code"], now=clock())
            except Refusal as refusal:
                form.add_error("code", str(refusal))
                status = refusal.status
            else:
                response = proved(request, mobile)
                response.delete_cookie(sessions.OTP_COOKIE)
                return response
    context = {
        "form": form,
        "pages": pages,
        "mobile": f"{mobile[:5]} {mobile[5:]}",
        "sent": sent,
        "wait": queries.seconds_until_resend(mobile, now=clock()),
    }
    return render(request, "registration/code.html", context, status=status)


def _onward(pages: OtpPages, mobile: str) -> HttpResponse:
    response = redirect(pages.code)
    sessions.keep_otp_mobile(response, mobile)
    return response


def _send(request: HttpRequest, mobile: str) -> None:
    language = "hi" if get_language() == "hi" else "en"
    services.send_otp(mobile=mobile, address=address_of(request), language=language, now=clock())


REGISTRATION = OtpPages(
    start="registration:start",
    code="registration:otp",
    title=_("Patient Registration"),
    lead=_("We send an OTP by SMS to your mobile. Each patient needs an own mobile number."),
)


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Patient Registration begins with the mobile."""
    return ask_mobile(request, REGISTRATION)


@require_http_methods(["GET", "POST"])
def otp(request: HttpRequest) -> HttpResponse:
    """The OTP; then on to the details."""
    return ask_code(request, REGISTRATION, _to_details)


def _to_details(request: HttpRequest, mobile: str) -> HttpResponse:
    sessions.note_proved(request, mobile, now=clock())
    return redirect("tokens:new")


@require_http_methods(["GET", "POST"])
@sessions.patient_required
def correction(request: sessions.PatientRequest) -> HttpResponse:
    """Ask the AMA desk to correct what the patient cannot change: name, gender, birth, category, service number."""
    now, patient = clock(), request.patient
    pending = queries.open_correction_of(patient)
    form = CorrectionForm(request.POST or None, patient=patient, today=india_day(now))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                pending = corrections.ask(
                    patient=patient, changes=form.changes, reason=form.cleaned_data["reason"], now=now
                )
                status = 200
            except CorrectionPending as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
    return render(request, "registration/correction.html", {"form": form, "pending": pending}, status=status)


@require_GET
def place(request: HttpRequest) -> JsonResponse:
    """For the form's script: `?pincode=` gives State and districts, `?state=` the districts of a State."""
    found = queries.place_of(request.GET.get("pincode", ""))
    if found:
        answer = {"state": found.state, "here": found.districts, "districts": found.all_districts}
    else:
        answer = {"state": "", "here": [], "districts": queries.districts_of(request.GET.get("state", ""))}
    response = JsonResponse(answer)
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
