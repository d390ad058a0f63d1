"""What the desk looks at."""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from sehat.clinic.models import Doctor, Opd
from sehat.clinic.rules import DoctorState
from sehat.kernel.prepared import prepared
from sehat.tokens.models import Token
from sehat.tokens.rules import State
from sehat.waiting.models import Call
from sehat.waiting.rules import OPEN_CALL, CallState

SWEEP_AT_ONCE = 200


@prepared
def _available(opd: int) -> QuerySet[Doctor]:
    return Doctor.objects.filter(opd=opd, state=DoctorState.AVAILABLE).order_by("state_since", "id")


def available(opd: Opd | int) -> list[Doctor]:
    """The OPD's available doctors, the longest free first."""
    return _available(opd.pk if isinstance(opd, Opd) else opd)


@prepared
def _open_call_of(doctor: int) -> QuerySet[Call]:
    open_ones = Call.objects.filter(doctor=doctor, state__in=OPEN_CALL)
    return open_ones.select_related("token__patient", "token__opd", "doctor__staff")


def open_call_of(doctor: Doctor) -> Call | None:
    """The doctor's standing call, with token and patient."""
    return _open_call_of.first(doctor.pk)


def missed_before(call: Call) -> bool:
    """Whether the call's token has missed another call."""
    return Call.objects.filter(token=call.token_id, state=CallState.MISSED).exclude(pk=call.pk).exists()


@prepared
def _overdue(now: datetime) -> QuerySet[Call]:
    due = Call.objects.filter(state__in=OPEN_CALL, deadline__lte=now)
    return due.select_related("token__patient", "token__opd", "doctor").order_by("deadline")[:SWEEP_AT_ONCE]


def overdue(*, now: datetime) -> list[Call]:
    """Open calls whose deadline has passed, at most `SWEEP_AT_ONCE`."""
    return _overdue(now)


@prepared
def _opds_to_match() -> QuerySet[Doctor, tuple[int]]:
    somebody = Token.objects.filter(opd=OuterRef("opd"), state=State.WAITING)
    free = Doctor.objects.filter(Exists(somebody), state=DoctorState.AVAILABLE)
    return free.values_list("opd").distinct()


def opds_to_match() -> list[int]:
    """OPDs where somebody waits and some doctor is available."""
    return [opd for (opd,) in _opds_to_match()]
