"""The OPDs, and the visit of the day: token, waiting place, Call Now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import File, Query, Router, Status
from ninja.files import UploadedFile

from sehat.api.doors import PATIENT, PROBLEMS, SIGNED, AskedBy, checked
from sehat.api.errors import NoToken
from sehat.api.schemas import (
    CallOut,
    Choice,
    Choices,
    HoursOut,
    MoveOut,
    OpdOut,
    PlaceOut,
    RecordOut,
    TokenOut,
    VisitIn,
    WaitOut,
)
from sehat.clinic import queries as clinic
from sehat.clinic.models import Opd
from sehat.clinic.rules import OpdKind
from sehat.entitlement.models import CATEGORIES, RELATIONS
from sehat.kernel.clock import india_day, now
from sehat.registration import queries as registration
from sehat.registration.forms import CONTACT
from sehat.registration.models import GENDERS, LANGUAGES, SPECIAL_NEEDS, Patient
from sehat.registration.place_names import STATES
from sehat.tokens import onward, queries, records, services
from sehat.tokens.forms import DetailsForm
from sehat.tokens.models import RED_FLAGS, Token
from sehat.tokens.rules import OPEN_STATES, State
from sehat.tokens.taking import take
from sehat.waiting import queries as waiting
from sehat.waiting import services as calling

router = Router(tags=["The visit"])
FILE = File(...)


@router.get("/opds", response={200: list[OpdOut], **PROBLEMS}, summary="The OPDs with their hours")
def opds(request: HttpRequest) -> list[OpdOut]:
    """In four queries at most, however many OPDs there are."""
    moment, all_of_them = now(), list(Opd.objects.all())
    calendars = clinic.calendars(all_of_them, now=moment)
    return [_opd(opd, calendars[opd.pk], moment) for opd in all_of_them]


def _opd(opd: Opd, calendar: clinic.Calendar, moment: datetime) -> OpdOut:
    session = calendar.session(moment)
    following = None if session else calendar.next_session(moment)
    return OpdOut(
        code=opd.code,
        name=str(opd),
        walk_in=opd.kind == OpdKind.GENERAL,
        open=session is not None,
        closes=session.closes if session else None,
        opens=following.opens if following else None,
        hours=[
            HoursOut(weekday=h.weekday, opens=f"{h.opens:%H:%M}", closes=f"{h.closes:%H:%M}") for h in calendar.hours
        ],
    )


@router.get("/choices", response={200: Choices, **PROBLEMS}, summary="The lists of the forms")
def choices(request: HttpRequest) -> Choices:
    """In the language of the asker."""

    def listed(values: Mapping[Any, Any]) -> list[Choice]:
        return [Choice(value=str(value), label=str(label)) for value, label in values.items()]

    return Choices(
        gender=listed(GENDERS),
        category=listed(CATEGORIES),
        relation=listed(RELATIONS),
        special_need=listed(SPECIAL_NEEDS),
        language=listed(LANGUAGES),
        state=listed(STATES),
        red_flags=listed(RED_FLAGS),
    )


@router.get("/places", response={200: PlaceOut, **PROBLEMS}, summary="State and districts of a pincode")
def places(
    request: HttpRequest, pincode: str = Query("", max_length=10), state: str = Query("", max_length=60)
) -> PlaceOut:
    """Empty where the pincode is not known."""
    found = registration.place_of(pincode) if pincode.isascii() and pincode.isdigit() else None
    if found:
        return PlaceOut(state=found.state, here=found.districts, districts=found.all_districts)
    return PlaceOut(state="", here=[], districts=registration.districts_of(state) if state in STATES else [])


def _open_token(patient: Patient) -> Token:
    token = queries.open_token_of(patient)
    if token is None:
        raise NoToken
    return token


def _standing(token: Token, request: HttpRequest) -> TokenOut:
    """The token as it is now; six queries, whatever the line's length."""
    moment = now()
    place = waiting.standing(token, now=moment) if token.state in OPEN_STATES else None
    call = waiting.open_call(token) if token.state == State.CALLED else None
    waits = token.state == State.WAITING
    return TokenOut(
        code=token.code,
        opd=str(token.opd),
        state=token.state,
        emergency=token.is_emergency,
        expires_at=token.expires_at,
        closing_told=waits and token.closing_told_at is not None,
        place=place.place if place and waits else None,
        ahead=place.ahead if place and waits else None,
        wait=WaitOut(low=place.wait.low, high=place.wait.high) if place and place.wait and waits else None,
        doctors_online=len(place.doctors) if place else 0,
        call=CallOut(state=call.state, seconds_left=max(0, round((call.deadline - moment).total_seconds())))
        if call
        else None,
        room=request.build_absolute_uri(reverse("consultation:mine")) if token.state == State.CONSULTING else None,
        moves=[MoveOut(at=move.at, state=move.to, why=str(move.get_why_display())) for move in queries.moves_of(token)],
    )


@router.get("/token", auth=PATIENT, response={200: TokenOut, **SIGNED}, summary="The newest token and its place")
def token(request: AskedBy) -> TokenOut:
    """Ask every few seconds while waiting; refuses who never had a token (NoToken)."""
    last = queries.last_token_of(request.auth.patient)
    if last is None:
        raise NoToken
    return _standing(last, request)


@router.post("/token", auth=PATIENT, response={201: TokenOut, **SIGNED}, summary="Take a token")
def take_token(request: AskedBy, body: VisitIn) -> Status[TokenOut]:
    """By the rules of the page: entitlement is judged anew, one open token a patient, OPD open and not full."""
    patient: Patient = request.auth.patient
    opd = Opd.objects.filter(code=body.opd).first() if body.opd.isalpha() else None
    data = {
        **{name: getattr(patient, name) for name in CONTACT},
        **body.dict(exclude={"opd", "agree", "follow_up"}),
        "opd": opd.pk if opd else "",
        "follow_up": body.follow_up or "",
        "agree": body.agree,
    }
    form = checked(DetailsForm(data, patient=patient, today=india_day(now())))
    return Status(201, _standing(take(form, mobile=patient.mobile, now=now()), request))


@router.post("/token/join", auth=PATIENT, response={200: TokenOut, **SIGNED}, summary="Into the line")
def join(request: AskedBy) -> TokenOut:
    """Joining twice is joining once."""
    mine = _open_token(request.auth.patient)
    services.join(token=mine, now=now())
    return _standing(mine, request)


@router.post("/token/call-now", auth=PATIENT, response={200: TokenOut, **SIGNED}, summary="Call Now")
def call_now(request: AskedBy) -> TokenOut:
    """While a call stands; refuses otherwise (NotCalled)."""
    mine = _open_token(request.auth.patient)
    calling.press_call_now(token=mine, now=now())
    return _standing(mine, request)


@router.post("/token/cancel", auth=PATIENT, response={200: TokenOut, **SIGNED}, summary="Cancel the token")
def cancel(request: AskedBy) -> TokenOut:
    """Refuses one that is with the doctor (CannotCancel)."""
    mine = _open_token(request.auth.patient)
    services.cancel(token=mine, now=now())
    return _standing(mine, request)


@router.post("/token/come-back", auth=PATIENT, response={200: TokenOut, **SIGNED}, summary="Rather on the next OPD day")
def come_back(request: AskedBy) -> TokenOut:
    """For who was told that the OPD closes before the turn; the next token has priority."""
    mine = _open_token(request.auth.patient)
    onward.come_back(token=mine, now=now())
    return _standing(mine, request)


@router.post("/token/records", auth=PATIENT, response={201: RecordOut, **SIGNED}, summary="Add a health record")
def add_record(request: AskedBy, file: UploadedFile = FILE) -> Status[RecordOut]:
    """One file under 5 MB: pdf, jpg, jpeg, jfif, gif, bmp, png; at most three for a token."""
    mine = _open_token(request.auth.patient)
    row = services.add_record(token=mine, record=records.take(file), now=now())
    return Status(201, RecordOut(name=row.name, kind=row.kind, size=row.size))
