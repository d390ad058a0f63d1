"""What the desk looks at."""

from datetime import UTC, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.kernel.prepared import prepared
from sehat.tokens.models import Token
from sehat.tokens.rules import State
from sehat.waiting import queries as waiting
from sehat.waiting.models import Call
from sehat.waiting.rules import OPEN_CALL, CallState

SWEEP_AT_ONCE = 200


Place = tuple[datetime, int]
"""A doctor's place among the free: available since when, and the key."""

FIRST: Place = (datetime.min.replace(tzinfo=UTC), 0)


@prepared
def _available(opd: int) -> QuerySet[Doctor, tuple[int]]:
    return Doctor.objects.filter(opd=opd, state=DoctorState.AVAILABLE).values_list("pk")[:1]


def anybody_available(opd: int) -> bool:
    """Whether a doctor of the OPD waits for a patient."""
    return _available.first(opd) is not None


@prepared
def _next_free(opd: int, since: datetime, key: int, away_since: datetime, now: datetime) -> QuerySet[Doctor]:
    behind = Q(state_since__gt=since) | Q(state_since=since, id__gt=key)
    theirs = waiting.given_to(OuterRef("pk"), away_since=away_since, now=now)
    somebody = Token.objects.filter(theirs, opd=OuterRef("opd"), state=State.WAITING)
    free = Doctor.objects.filter(behind, Exists(somebody), opd=opd, state=DoctorState.AVAILABLE)
    longest = free.order_by("state_since", "id")[:1]
    return longest.select_for_update(skip_locked=True, no_key=True, of=("self",))


def next_free(opd: int, *, behind: Place, now: datetime) -> Doctor | None:
    """The doctor who has been free the longest, of those behind that place for whom somebody waits; the row is locked.

    In a transaction. A desk that another process has in hand is passed over: it is being given a patient.
    """
    return _next_free.first(opd, *behind, now - waiting.DOCTOR_AWAY, now)


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
