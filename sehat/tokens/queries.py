"""Doors to tokens: a stranger's token does not exist."""

from datetime import date, datetime
from hmac import compare_digest

from django.db.models import Q, QuerySet

from sehat.kernel.prepared import prepared
from sehat.registration.models import Patient
from sehat.tokens.models import ComeBack, FollowUp, HealthRecord, Token, TokenMove
from sehat.tokens.rules import OPEN_STATES, State

MOVES_SHOWN = 20
EXPIRE_AT_ONCE = 200


@prepared
def _open_of(patient: int) -> QuerySet[Token]:
    return Token.objects.filter(patient=patient, state__in=OPEN_STATES).select_related("opd")


@prepared
def _last_of(patient: int) -> QuerySet[Token]:
    return Token.objects.filter(patient=patient).select_related("opd").order_by("-id")[:1]


@prepared
def _moves_of(token: int) -> QuerySet[TokenMove]:
    return TokenMove.objects.filter(token=token).order_by("-id")[:MOVES_SHOWN]


@prepared
def _records_of(token: int, referred_from: int) -> QuerySet[HealthRecord]:
    return HealthRecord.objects.filter(Q(token=token) | Q(token=referred_from)).order_by("id")


@prepared
def _come_back_of(patient: int, now: datetime) -> QuerySet[ComeBack]:
    return ComeBack.objects.filter(patient=patient, until__gt=now, token=None).order_by("until")[:1]


@prepared
def _follow_up_of(patient: int, today: date) -> QuerySet[FollowUp, tuple[int]]:
    return _takeable(patient, today).values_list("pk")[:1]


@prepared
def _open_by_mobile(mobile: str) -> QuerySet[Token]:
    return Token.objects.filter(patient__mobile=mobile, state__in=OPEN_STATES).select_related("patient", "opd")


def _takeable(patient: int, today: date) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(patient=patient, due_on__lte=today, until__gte=today, token=None)


def open_token_of(patient: Patient) -> Token | None:
    """The patient's one open token, with its OPD."""
    return _open_of.first(patient.pk)


def last_token_of(patient: Patient) -> Token | None:
    """The newest token, open or not, with its OPD."""
    return _last_of.first(patient.pk)


def moves_of(token: Token) -> list[TokenMove]:
    """The token's history, newest first: "why did I move?"."""
    return _moves_of(token.pk)


def records_of(token: Token) -> list[HealthRecord]:
    """The health records given with the token, and with the one it was referred from; oldest first."""
    return _records_of(token.pk, token.referred_from_id or token.pk)


@prepared
def _referral_of(token: int) -> QuerySet[Token]:
    return Token.objects.filter(referred_from=token).select_related("opd").order_by("id")[:1]


def referral_of(token: Token) -> Token | None:
    """The token that this one led to, with its OPD."""
    return _referral_of.first(token.pk)


def come_back_of(patient: Patient, *, now: datetime) -> ComeBack | None:
    """The priority that the patient carries over from a day when no doctor could be reached."""
    return _come_back_of.first(patient.pk, now)


@prepared
def _day_over(now: datetime) -> QuerySet[Token]:
    # `OPEN_STATES` is said as well, since the index of those that expire is one of the open.
    due = Token.objects.filter(expires_at__lte=now, state__in=OPEN_STATES).filter(
        state__in=[State.ISSUED, State.WAITING]
    )
    return due.select_related("patient", "opd").order_by("expires_at")[:EXPIRE_AT_ONCE]


def day_over(*, now: datetime) -> list[Token]:
    """Tokens that are with no doctor and whose OPD day is over, at most `EXPIRE_AT_ONCE`."""
    return _day_over(now)


def follow_ups_of(patient: Patient, *, today: date) -> QuerySet[FollowUp]:
    """The follow-ups that may be taken up today."""
    return _takeable(patient.pk, today).select_related("doctor__staff", "opd").order_by("due_on")


def has_follow_up(patient: Patient, *, today: date) -> bool:
    """Whether there is any."""
    return _follow_up_of.first(patient.pk, today) is not None


def open_token_by(*, mobile: str, code: str) -> Token | None:
    """The open token that goes with mobile and token number; the same work for known and unknown ones."""
    token = _open_by_mobile.first(mobile)
    right = compare_digest(token.code if token else "-", code)
    return token if token and right else None


def record_of(patient: Patient, ref: str) -> HealthRecord | None:
    """The patient's own record behind a link."""
    return HealthRecord.objects.filter(ref=ref, patient=patient).first()
