"""The doctor's desk."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from sehat.accounts.rules import CLINICAL
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.clinic import queries as clinic
from sehat.clinic.models import Doctor
from sehat.desk import queries, services
from sehat.desk.rules import UNANSWERED
from sehat.kernel.clock import now
from sehat.waiting import queries as waiting
from sehat.waiting.queries import LINE_SHOWN
from sehat.waiting.rules import CallState


def _state(doctor: Doctor, moment: datetime) -> dict[str, Any]:
    """What the live part of the desk shows: four queries, whatever the line's length."""
    call = queries.open_call_of(doctor)
    count = waiting.length(doctor.opd_id)
    return {
        "doctor": doctor,
        "call": call,
        "ringing": call is not None and call.state == CallState.RINGING,
        "age": call.token.patient.age(call.token.day) if call else None,
        "seconds_left": max(0, round((call.deadline - moment).total_seconds())) if call else 0,
        "unanswered": doctor.paused_because == UNANSWERED,
        "waiting_count": count,
        "more": max(0, count - LINE_SHOWN),
        "line": waiting.first_in_line(doctor.opd_id),
        "wide": True,
    }


@require_GET
@role_required(*CLINICAL)
def desk(request: StaffRequest) -> HttpResponse:
    """The desk with its line and the call that stands."""
    return render(request, "desk/desk.html", _state(_doctor(request), now()))


@require_GET
@role_required(*CLINICAL)
def state(request: StaffRequest) -> HttpResponse:
    """The live part alone."""
    return render(request, "desk/state.html", _state(_doctor(request), now()))


def _doctor(request: StaffRequest) -> Doctor:
    found = clinic.doctor_of(request.user)
    if found is None:
        raise Http404
    return found


def _turn(verb: Callable[..., None]) -> Callable[..., HttpResponseBase]:
    @require_POST
    @role_required(*CLINICAL)
    def view(request: StaffRequest) -> HttpResponse:
        verb(doctor=_doctor(request), now=now())
        if request.htmx:
            return render(request, "desk/state.html", _state(_doctor(request), now()))
        return redirect("desk:desk")

    return view


available = _turn(services.go_available)
pause = _turn(services.pause)
end_shift = _turn(services.end_shift)
