"""Which patient sits at this browser. Staff may be signed in beside: neither ends the other."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from sehat.kernel.requests import PortalRequest
from sehat.live.sessions import PATIENT_KEY
from sehat.registration import queries
from sehat.registration.models import Patient
from sehat.registration.rules import MINUTES_PROVED

PROVED_KEY = "proved"
OTP_COOKIE = "otp_mobile"

View = Callable[..., HttpResponseBase]


class PatientRequest(PortalRequest):
    """A request of a signed-in patient."""

    patient: Patient


class PatientMiddleware:
    """Sets `request.patient`: the signed-in patient, or None."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Look the patient up, where the session names one."""
        pk = request.session.get(PATIENT_KEY)
        request.patient = queries.patient(pk) if pk else None  # type: ignore[attr-defined]
        return self.get_response(request)


def sign_in(request: HttpRequest, patient: Patient) -> None:
    """The patient has proved who it is; the session gets a new key, and keeps a member of staff."""
    # Proved by OTP a moment ago: the session has had its new key.
    if request.session.get(PROVED_KEY, [None])[0] != patient.mobile:
        request.session.pop(PROVED_KEY, None)  # somebody else's, who sat here before
        _new_key(request)
    request.session[PATIENT_KEY] = patient.pk
    request.patient = patient  # type: ignore[attr-defined]


def sign_out(request: HttpRequest) -> None:
    """End the patient's session; a member of staff stays."""
    for key in (PATIENT_KEY, PROVED_KEY):
        request.session.pop(key, None)
    _new_key(request)
    request.patient = None  # type: ignore[attr-defined]


def note_proved(request: HttpRequest, mobile: str, *, now: datetime) -> None:
    """The person at this browser holds the mobile: good for an hour."""
    _new_key(request)
    # Another person may have sat here before.
    request.session.pop(PATIENT_KEY, None)
    request.session[PROVED_KEY] = [mobile, now.timestamp()]


def proved_mobile(request: HttpRequest, *, now: datetime) -> str | None:
    """The mobile that was proved here within the hour, or that of the signed-in patient."""
    mobile, at = request.session.get(PROVED_KEY, (None, 0.0))
    if mobile and now.timestamp() - at < MINUTES_PROVED * 60:
        return str(mobile)
    patient: Patient | None = getattr(request, "patient", None)
    return patient.mobile if patient else None


def patient_here(request: HttpRequest, mobile: str) -> Patient | None:
    """The patient to whom the mobile that was proved here belongs."""
    here: Patient | None = getattr(request, "patient", None)
    return here if here and here.mobile == mobile else queries.patient_of(mobile)


def patient_required(view: View) -> View:
    """Let signed-in patients in; others go to the login, and come back from there after a GET."""

    @wraps(view)
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if getattr(request, "patient", None) is not None:
            return view(request, *args, **kwargs)
        login = reverse("tokens:login")
        if "HX-Request" in request.headers:
            return HttpResponseClientRedirect(login)
        if request.method == "GET":
            login += "?" + urlencode({"next": request.get_full_path()})
        return redirect(login)

    return door


def _new_key(request: HttpRequest) -> None:
    # A session that was never stored has no key that anybody could have planted.
    if request.session.session_key:
        request.session.cycle_key()


def keep_otp_mobile(response: HttpResponse, mobile: str) -> None:
    """Remember, signed, to which mobile the OTP went: so that no session is needed before it is proved."""
    response.set_signed_cookie(
        OTP_COOKIE,
        mobile,
        max_age=MINUTES_PROVED * 60,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def otp_mobile(request: HttpRequest) -> str | None:
    """The mobile to which this browser asked the last OTP for."""
    return request.get_signed_cookie(OTP_COOKIE, default=None, max_age=MINUTES_PROVED * 60)
