"""What the desk looks at."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from sehat.clinic.models import Doctor, Opd
from sehat.clinic.rules import DoctorState
from sehat.tokens.models import Token
from sehat.tokens.rules import State
from sehat.waiting.models import Call
from sehat.waiting.rules import OPEN_CALL, CallState

SWEEP_AT_ONCE = 200


def available(opd: Opd | int) -> QuerySet[Doctor]:
    """The OPD's available doctors, the longest free first."""
    return Doctor.objects.filter(opd=opd, state=DoctorState.AVAILABLE).order_by("state_since", "id")


def open_call_of(doctor: Doctor) -> Call | None:
    """The doctor's standing call, with token and patient."""
    return (
        Call.objects.filter(doctor=doctor, state__in=OPEN_CALL)
        .select_related("token__patient", "token__opd", "doctor")
        .first()
    )


def missed_before(call: Call) -> bool:
    """Whether the call's token has missed another call."""
    return Call.objects.filter(token=call.token_id, state=CallState.MISSED).exclude(pk=call.pk).exists()


def overdue(*, now: datetime) -> QuerySet[Call]:
    """Open calls whose deadline has passed."""
    due = Call.objects.filter(state__in=OPEN_CALL, deadline__lte=now)
    return due.select_related("token__patient", "token__opd", "doctor").order_by("deadline")[:SWEEP_AT_ONCE]


def opds_to_match() -> list[int]:
    """OPDs where somebody waits and some doctor is available."""
    somebody = Token.objects.filter(opd=OuterRef("opd"), state=State.WAITING)
    free = Doctor.objects.filter(Exists(somebody), state=DoctorState.AVAILABLE)
    return list(free.values_list("opd", flat=True).distinct())
