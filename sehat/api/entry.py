"""In and out: OTP, key, the own details."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from ninja import Router, Status

from sehat.accounts.throttle import address_of
from sehat.api import services
from sehat.api.doors import PATIENT, PROBLEMS, SIGNED, AskedBy, Asker, checked
from sehat.api.schemas import CodeIn, FollowUpOut, Me, MeIn, MobileIn, OtpSent, SignedIn, SignOutIn
from sehat.kernel.clock import india_day, now
from sehat.registration import queries as registration
from sehat.registration import services as registering
from sehat.registration import sessions
from sehat.registration.forms import CONTACT, MobileForm, OtpForm, PatientForm
from sehat.registration.models import Patient
from sehat.tokens import queries as tokens
from sehat.tokens.forms import AgreeForm

router = Router(tags=["In and out"])
OWN = ("name", "gender", "date_of_birth", "only_age_known", "category", "service_number", "relation", "verification")


def _mobile(text: str) -> str:
    mobile: str = checked(MobileForm({"mobile": text})).cleaned_data["mobile"]
    return mobile


@router.post("/otp", response={202: OtpSent, **PROBLEMS}, summary="Send an OTP by SMS")
def send_otp(request: HttpRequest, body: MobileIn) -> Status[OtpSent]:
    """The answer is the same for known and unknown mobiles."""
    mobile, language = _mobile(body.mobile), "hi" if get_language() == "hi" else "en"
    registering.send_otp(mobile=mobile, address=address_of(request), language=language, now=now())
    return Status(202, OtpSent(resend_after=registration.seconds_until_resend(mobile, now=now())))


@router.post("/otp/verify", response={200: SignedIn, **PROBLEMS}, summary="Prove the mobile; get a key")
def verify_otp(request: HttpRequest, body: CodeIn) -> SignedIn:
    """The key is told this once. It lives for thirty days, or until it is signed out."""
    mobile = _mobile(body.mobile)
    code = checked(OtpForm({"code": body.code})).cleaned_data["code"]
    registering.verify_otp(mobile=mobile, code=code, now=now())
    key, row = services.sign_in(mobile=mobile, now=now())
    return SignedIn(key=key, expires_at=row.expires_at, registered=row.patient_id is not None)


@router.post("/logout", auth=PATIENT, response={204: None, **SIGNED}, summary="End this key, or all of this mobile")
def logout(request: AskedBy, body: SignOutIn) -> Status[None]:
    """The place in the line stays."""
    asker: Asker = request.auth
    if asker.key is None:
        sessions.sign_out(request)
    else:
        services.sign_out(key=asker.key, everywhere=body.everywhere)
    return Status(204, None)


@router.post("/session", auth=PATIENT, response={204: None, **SIGNED}, summary="A session for a web view")
def session(request: AskedBy) -> HttpResponse:
    """Sets the cookie with which a web view of the app opens the portal's pages, the consultation among them."""
    asker: Asker = request.auth
    sessions.sign_in(request, asker.patient)
    return HttpResponse(status=204)


@router.get("/me", auth=PATIENT, response={200: Me, **SIGNED}, summary="The own details")
def me(request: AskedBy) -> Me:
    """With the follow-ups that may be taken up today."""
    return _me(request.auth.patient)


@router.put("/me", auth=PATIENT, response={200: Me, **SIGNED}, summary="Register, or bring the contact up to date")
def put_me(request: AskedBy, body: MeIn) -> Me:
    """The fields are those of the page; what is refused stands beside its field. Identity is set once."""
    asker: Asker = request.auth
    data = body.dict(exclude={"agree"})
    form = checked(PatientForm(data, patient=asker.who, today=india_day(now())))
    checked(AgreeForm({"agree": body.agree}))
    patient = registering.register(
        mobile=asker.mobile, identity=None if form.patient else form.identity, contact=form.contact, now=now()
    )
    if asker.key is not None and asker.who is None:
        services.note_registered(key=asker.key, patient=patient)
    return _me(patient)


def _me(patient: Patient) -> Me:
    values: dict[str, Any] = {name: getattr(patient, name) for name in (*OWN, *CONTACT)}
    return Me(
        patient_id=patient.grouped_id,
        mobile=patient.mobile,
        follow_ups=_follow_ups(patient, india_day(now())),
        **values,
    )


def _follow_ups(patient: Patient, today: date) -> list[FollowUpOut]:
    return [
        FollowUpOut(id=right.pk, doctor=str(right.doctor), opd=str(right.opd), due_on=right.due_on, until=right.until)
        for right in tokens.follow_ups_of(patient, today=today)
    ]
