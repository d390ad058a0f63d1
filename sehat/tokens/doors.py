"""In and out: both logins, the forgotten token, cancelling, logout."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from sehat.accounts import throttle
from sehat.accounts.errors import LockedOut
from sehat.accounts.throttle import address_of
from sehat.kernel.clock import now as clock
from sehat.kernel.errors import Refusal
from sehat.notices import services as notices
from sehat.notices.kinds import REMINDER
from sehat.registration import queries as registration
from sehat.registration import sessions
from sehat.registration.forms import MobileForm
from sehat.registration.models import Patient
from sehat.registration.views import OtpPages, ask_code, ask_mobile
from sehat.tokens import queries, services
from sehat.tokens.errors import TokenMovedOn
from sehat.tokens.forms import LoginForm
from sehat.tokens.models import Token

REMINDERS = throttle.Limit("reminder", tries=5, window=timedelta(hours=1), lock=timedelta(hours=1))


class NotTogether(Refusal):
    """Mobile and token number do not fit: the same for an unknown mobile and for a wrong number."""

    status = 422
    sentence = _(
        "Mobile number and token number do not fit together. Please look at the newest SMS; a token of "
        "another day is no longer valid."
    )


def _token_by(form: LoginForm, address: str, now: datetime) -> Token:
    """The token that was named. Raises LockedOut or NotTogether; counts wrong tries (domain.md, step 3)."""
    mobile = form.cleaned_data["mobile"]
    throttle.check(throttle.WRONG_MOBILES, address, now=now)
    throttle.spend(throttle.WRONG_TOKENS, mobile, now=now)
    token = queries.open_token_by(mobile=mobile, code=form.cleaned_data["token"])
    if token is None:
        throttle.note_wrong_mobile(address, mobile, now=now)
        raise NotTogether
    throttle.forgive(throttle.WRONG_TOKENS, mobile)
    return token


def _ask_token(request: HttpRequest, form: LoginForm) -> tuple[Token | None, int]:
    """The token of a sent login form, and the status to answer with; what is wrong stands in the form."""
    if not form.is_valid():
        return None, 422
    try:
        return _token_by(form, address_of(request), clock()), 200
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return None, refusal.status


def _join(token: Token) -> None:
    try:
        services.join(token=token, now=clock())
    except TokenMovedOn:
        return  # joined in another window, or called already: that is what was wanted


def _next(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Back to the page that asked for the login, if it is one of ours."""
    wanted = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return redirect(wanted)
    return redirect(otherwise)


@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Mobile and token number; puts the patient into the line."""
    form, status = LoginForm(), 200
    if request.method == "POST":
        form = LoginForm(request.POST)
        token, status = _ask_token(request, form)
        if token:
            sessions.sign_in(request, token.patient)
            _join(token)
            return _next(request, "waiting:room")
    return render(request, "tokens/login.html", {"form": form}, status=status)


WITH_OTP = OtpPages(
    start="tokens:login_otp",
    code="tokens:login_code",
    title=_("Login with OTP"),
    lead=_("For your past consultations, and when the token number is not at hand."),
)


@require_http_methods(["GET", "POST"])
def login_otp(request: HttpRequest) -> HttpResponse:
    """The mobile, for a login without token number."""
    return ask_mobile(request, WITH_OTP)


@require_http_methods(["GET", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """The OTP of that login."""
    return ask_code(request, WITH_OTP, _proved)


def _proved(request: HttpRequest, mobile: str) -> HttpResponse:
    """To the waiting room with an open token, else to the past. Who is not registered yet may do it now."""
    patient = registration.patient_of(mobile)
    if patient is None:
        sessions.note_proved(request, mobile, now=clock())
        return redirect("tokens:new")
    token = queries.open_token_of(patient)
    sessions.sign_in(request, patient)
    if token is None:
        return redirect("history:past")
    _join(token)
    return redirect("waiting:room")


@require_http_methods(["GET", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """Patient ID and token go to the mobile, if it is known; the page says the same if it is not."""
    form = MobileForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "tokens/forgot.html", {"form": form}, status=status)
    _remind(form.cleaned_data["mobile"], clock())
    return render(request, "tokens/forgot.html", {"sent": True})


def _remind(mobile: str, now: datetime) -> None:
    try:
        throttle.spend(REMINDERS, mobile, now=now)
    except LockedOut:
        return  # enough SMS for this hour; saying so would tell which numbers are asked for
    patient = registration.patient_of(mobile)
    if patient:
        token = queries.open_token_of(patient)
        code = token.code if token else _("none")
        notices.write(REMINDER, to=patient, patient_id=patient.grouped_id, token=code)


@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest) -> HttpResponse:
    """Cancel the open token, after asking once more. Who is not logged in names the token first."""
    patient: Patient | None = request.patient  # type: ignore[attr-defined]
    if patient is None:
        form, status = LoginForm(), 200
        if request.method == "POST":
            form = LoginForm(request.POST)
            token, status = _ask_token(request, form)
            if token:
                sessions.sign_in(request, token.patient)
                return redirect("tokens:cancel")
        return render(request, "tokens/cancel_login.html", {"form": form}, status=status)
    token = queries.open_token_of(patient)
    if token and "sure" in request.POST:
        services.cancel(token=token, now=clock())
        return render(request, "tokens/cancelled.html", {"token": token})
    return render(request, "tokens/cancel.html", {"token": token})


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the patient's session; the place in the line stays."""
    sessions.sign_out(request)
    return redirect("site:home")
