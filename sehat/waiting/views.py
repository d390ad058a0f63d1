"""The OPD Consultation Room."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from sehat.clinic import queries as clinic
from sehat.kernel.clock import now
from sehat.kernel.errors import Refusal
from sehat.registration.models import Patient
from sehat.registration.sessions import PatientRequest, patient_required
from sehat.tokens import onward, records
from sehat.tokens import queries as token_queries
from sehat.tokens import services as tokens
from sehat.tokens.models import Token
from sehat.tokens.rules import OPEN_STATES, State, Why
from sehat.waiting import queries, services
from sehat.waiting.rules import CallState

# Moves that sent a patient back into the line: the page says why, before anything else.
SENT_BACK = {Why.MISSED, Why.DOCTOR_SILENT, Why.DOCTOR_LEFT, Why.PUT_BACK}


def _state(token: Token, moment: datetime) -> dict[str, Any]:
    """What the live part of the page shows of an open token."""
    call = queries.open_call(token) if token.state == State.CALLED else None
    moves = token_queries.moves_of(token)
    back = moves[0] if moves and token.state == State.WAITING and moves[0].why in SENT_BACK else None
    return {
        "token": token,
        "standing": queries.standing(token, now=moment),
        "call": call,
        "ringing": call is not None and call.state == CallState.RINGING,
        "seconds_left": max(0, round((call.deadline - moment).total_seconds())) if call else 0,
        "moves": moves,
        "back": back,
        "hospital": clinic.nearest_hospital(token.patient.state, token.patient.city) if token.is_emergency else None,
    }


@require_GET
@patient_required
def room(request: PatientRequest) -> HttpResponse:
    """The waiting room of the patient's open token; without one, what became of the last."""
    moment = now()
    token = token_queries.last_token_of(request.patient)
    if token is None or token.state not in OPEN_STATES:
        come_back = token_queries.come_back_of(request.patient, now=moment)
        return render(request, "waiting/no_token.html", {"token": token, "come_back": come_back})
    if token.state == State.CONSULTING:
        return redirect("consultation:mine")
    return render(
        request,
        "waiting/room.html",
        {
            **_state(token, moment),
            "patient": request.patient,
            "age": request.patient.age(token.day),
            "records": token_queries.records_of(token),
            "accept": records.ACCEPT,
        },
    )


@require_GET
@patient_required
def state(request: PatientRequest) -> HttpResponse:
    """The live part alone; sends the page on where the token has gone on."""
    token = token_queries.open_token_of(request.patient)
    if token is None or token.state == State.CONSULTING:
        onward = reverse("consultation:mine" if token else "waiting:room")
        return HttpResponse(headers={"HX-Redirect": onward})
    return render(request, "waiting/state.html", _state(token, now()))


STOP_ASKING = 286
"""The status at which htmx asks no more."""


@require_GET
def called(request: HttpRequest) -> HttpResponse:
    """For the other pages of a patient: whether the doctor calls, or waits in the consultation, meanwhile."""
    patient: Patient | None = request.patient  # type: ignore[attr-defined]
    token = token_queries.open_token_of(patient) if patient else None
    if token is None:
        return HttpResponse(status=STOP_ASKING)
    return render(request, "waiting/called.html", {"token": token})


@require_POST
@patient_required
def join(request: PatientRequest) -> HttpResponse:
    """Into the line: for whoever comes here straight from registration."""
    token = token_queries.open_token_of(request.patient)
    if token is not None:
        tokens.join(token=token, now=now())
        token = token_queries.open_token_of(request.patient)
    return _back(request, token)


@require_POST
@patient_required
def come_back(request: PatientRequest) -> HttpResponse:
    """Rather on the next OPD day, with priority."""
    token = token_queries.open_token_of(request.patient)
    if token is not None:
        onward.come_back(token=token, now=now())
    return redirect("waiting:room")


@require_POST
@patient_required
def call_now(request: PatientRequest) -> HttpResponse:
    """*Call Now* was pressed."""
    token = token_queries.open_token_of(request.patient)
    if token is not None:
        services.press_call_now(token=token, now=now())
    return _back(request, token)


@require_POST
@patient_required
def upload(request: PatientRequest) -> HttpResponse:
    """One more health record; a refused file says why beside the button."""
    token = token_queries.open_token_of(request.patient)
    error, status = "", 200
    if token is not None and (file := request.FILES.get("file")):
        try:
            tokens.add_record(token=token, record=records.take(file), now=now())
        except Refusal as refusal:
            error, status = str(refusal), refusal.status
    if not request.htmx:
        return redirect("waiting:room")
    return render(
        request,
        "waiting/records.html",
        {"records": token_queries.records_of(token) if token else [], "error": error, "accept": records.ACCEPT},
        status=status,
    )


def _back(request: PatientRequest, token: Token | None) -> HttpResponse:
    """The page as it is now: its live part for htmx, the whole for a plain form."""
    if not request.htmx:
        return redirect("waiting:room")
    if token is None or token.state == State.CONSULTING:
        return HttpResponse(headers={"HX-Redirect": reverse("waiting:room")})
    return render(request, "waiting/state.html", _state(token, now()))
