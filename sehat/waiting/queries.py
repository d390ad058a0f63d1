"""The line of an OPD: who is at its head, one's place in it, how long it may take."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from sehat.clinic import queries as clinic
from sehat.clinic.models import Doctor, Opd
from sehat.clinic.rules import ON_DUTY
from sehat.kernel.prepared import prepared
from sehat.tokens.models import Token
from sehat.tokens.rules import State
from sehat.waiting.models import Call
from sehat.waiting.rules import FEWEST_SAMPLES, OPEN_CALL, WaitRange, wait_range

FOURTH = 3  # the token that has three ahead
DOCTOR_AWAY = timedelta(minutes=15)
CLOSING = timedelta(hours=1)
LINE_SHOWN = 10
SAMPLES = 30
SAMPLE_AGE = timedelta(hours=8)


def line(opd: Opd | int) -> QuerySet[Token]:
    """The waiting tokens of an OPD in the order of their turn; equal keys: the lower token first."""
    return Token.objects.filter(opd=opd, state=State.WAITING).order_by("turn_key", "id")


@prepared
def _told_at(opd: int) -> QuerySet[Token, tuple[int, datetime | None]]:
    return line(opd).values_list("pk", "three_ahead_told_at")[FOURTH : FOURTH + 1]


def untold_fourth(opd: int) -> int | None:
    """The key of the token that has three ahead, if its patient has not been told."""
    fourth = _told_at.first(opd)
    return fourth[0] if fourth and fourth[1] is None else None


def head_for(doctor: Doctor, *, now: datetime) -> Token | None:
    """The first of the line whom this doctor may be given, with the patient; the row is locked. In a transaction.

    A follow-up waits for its own doctor as long as that one is on duty; `DOCTOR_AWAY` after joining anybody of the
    OPD may see the patient. Who was put back rests for a while: a bad line seldom mends at once. Rows that another
    process has in hand are passed over.
    """
    return _head_for.first(doctor.opd_id, doctor.pk, now - DOCTOR_AWAY, now)


def given_to(doctor: Any, *, away_since: Any, now: Any) -> Q:
    """The waiting tokens that this doctor may be given; the arguments are values or expressions."""
    anybodys = Q(doctor=None) | Q(doctor=doctor)
    away = ~Q(doctor__state__in=ON_DUTY) & Q(joined_at__lte=away_since)
    rested = Q(rests_until=None) | Q(rests_until__lte=now)
    return (anybodys | away) & rested


@prepared
def _head_for(opd: int, doctor: int, away_since: datetime, now: datetime) -> QuerySet[Token]:
    head = line(opd).filter(given_to(doctor, away_since=away_since, now=now))[:1]
    return head.select_related("patient").select_for_update(skip_locked=True, of=("self",))


def closing_soon(*, now: datetime) -> QuerySet[Token]:
    """Waiting tokens whose OPD closes within the hour and who have not been told of it, in the order of the line."""
    return Token.objects.filter(
        state=State.WAITING, closing_told_at=None, expires_at__gt=now, expires_at__lte=now + CLOSING
    ).order_by("opd", "turn_key", "id")


@prepared
def _length(opd: int) -> QuerySet[Token, tuple[int]]:
    return line(opd).order_by().values_list("pk")


def length(opd: int) -> int:
    """How many wait in an OPD's line."""
    return _length.count(opd)


@prepared
def _first_in_line(opd: int) -> QuerySet[Token]:
    return line(opd).select_related("patient")[:LINE_SHOWN]


def first_in_line(opd: int) -> list[Token]:
    """The first `LINE_SHOWN` of an OPD's line, with their patients."""
    return _first_in_line(opd)


@prepared
def _ahead(opd: int, turn_key: datetime, pk: int) -> QuerySet[Token, tuple[int]]:
    before = Q(turn_key__lt=turn_key) | Q(turn_key=turn_key, id__lt=pk)
    return line(opd).filter(before).order_by().values_list("pk")


def ahead(token: Token) -> int:
    """How many patients stand before a waiting token."""
    return _ahead.count(token.opd_id, token.turn_key, token.pk)


@prepared
def _open_call(token: int) -> QuerySet[Call]:
    return Call.objects.filter(token=token, state__in=OPEN_CALL).select_related("doctor__staff", "doctor__hospital")


def open_call(token: Token) -> Call | None:
    """The token's standing call, with its doctor."""
    return _open_call.first(token.pk)


@prepared
def _served(opd: int, since: datetime) -> QuerySet[Token, tuple[datetime | None, datetime]]:
    return (
        Token.objects.filter(opd=opd, state=State.COMPLETED, moved_at__gte=since)
        .order_by("-moved_at")
        .values_list("consulting_at", "moved_at")[:SAMPLES]
    )


def service_seconds(opd: Opd | int, *, now: datetime) -> list[float]:
    """How long the last consultations of the day took in this OPD, in seconds."""
    served = _served(opd.pk if isinstance(opd, Opd) else opd, now - SAMPLE_AGE)
    return [(end - start).total_seconds() for start, end in served if start is not None]


def wait_of(token: Token, *, now: datetime) -> WaitRange | None:
    """How long a waiting token may have to wait; None where that is not known yet, which one query may tell."""
    seconds = service_seconds(token.opd_id, now=now)
    if len(seconds) < FEWEST_SAMPLES:
        return None
    return wait_range(ahead(token), len(_on_duty(token.opd_id)), seconds)


@dataclass(frozen=True)
class Standing:
    """What the waiting page says of a waiting token: `place` counts from 1."""

    place: int
    ahead: int
    wait: WaitRange | None
    doctors: list[Doctor]


@prepared
def _on_duty(opd: int) -> QuerySet[Doctor]:
    return clinic.on_duty(opd).order_by("state_since")


def standing(token: Token, *, now: datetime) -> Standing:
    """Place, patients ahead, wait range and doctors on duty, in three queries whatever the queue's length; in one where
    the token does not wait: no wait is known of it.
    """
    doctors = _on_duty(token.opd_id)
    if token.state != State.WAITING:
        return Standing(place=1, ahead=0, wait=None, doctors=doctors)
    before = ahead(token)
    wait = wait_range(before, len(doctors), service_seconds(token.opd_id, now=now))
    return Standing(place=before + 1, ahead=before, wait=wait, doctors=doctors)
