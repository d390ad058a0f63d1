"""What leads from one token to the next: a referral, a follow-up, coming back after a day without a doctor."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from sehat.audit import services as audit
from sehat.clinic import queries as clinic
from sehat.clinic.errors import OpdClosed
from sehat.clinic.models import Doctor, Opd
from sehat.clinic.rules import Session
from sehat.kernel.clock import india_day
from sehat.notices import services as notices
from sehat.tokens.errors import CannotCancel
from sehat.tokens.models import ComeBack, FollowUp, Token
from sehat.tokens.rules import By, State, Why
from sehat.tokens.services import credit_of, make, move

FOLLOW_UP_DAYS = 30
"""How long after its date a follow-up may be taken up."""


def _session_now_or_next(opd: Opd, *, now: datetime) -> Session:
    calendar = clinic.calendar(opd, now=now)
    session = calendar.session(now) or calendar.next_session(now)
    if session is None:
        raise OpdClosed(when="–")
    return session


def refer(*, token: Token, to: Opd, note: str, by: Doctor, now: datetime) -> Token:
    """Give the patient of a completed token a token of another OPD, at once, with the doctor's note.

    Complaint, red flags and records come along; outside hours the token is for the next OPD day. Inside the
    transaction that completes the first token. Refuses an OPD that never opens (OpdClosed), or is full (OpdFull).
    """
    session = _session_now_or_next(to, now=now)
    patient = token.patient
    with transaction.atomic():
        return make(
            patient=patient,
            opd=to,
            day=india_day(max(session.opens, now)),
            expires_at=session.closes,
            by=By.DOCTOR,
            now=now,
            complaint=token.complaint,
            duration=token.duration,
            red_flags=token.red_flags,
            referred_from=token,
            referral_note=note,
            credit=credit_of(patient, now=now, referred=True, emergency=token.is_emergency),
            beside=lambda referral: [
                *notices.compose("referred", to=patient, token=referral.code, opd=to),
                audit.entry(actor=by.staff, action="token.refer", subject=referral, frm=token.pk, opd=to.code),
            ],
        )


def ask_back(*, token: Token, doctor: Doctor, on: date) -> FollowUp:
    """Give the patient the right to see the same doctor again from that day on, for `FOLLOW_UP_DAYS` days."""
    return FollowUp.objects.create(
        patient_id=token.patient_id,
        doctor=doctor,
        opd_id=doctor.opd_id,
        due_on=on,
        until=on + timedelta(days=FOLLOW_UP_DAYS),
    )


def take_back(*, token: Token, doctor: Doctor, on: date) -> None:
    """The follow-up of that day is not asked for any more, unless the patient has taken it up."""
    FollowUp.objects.filter(patient_id=token.patient_id, doctor=doctor, due_on=on, token=None).delete()


def come_back(*, token: Token, now: datetime) -> ComeBack:
    """The patient would rather come back on the next OPD day: the token ends, the next one has priority.

    Refuses a token that does not wait, or was not told that the OPD closes before its turn (CannotCancel).
    """
    if token.state != State.WAITING or token.closing_told_at is None:
        raise CannotCancel
    upcoming = clinic.calendar(token.opd, now=now).next_session(token.expires_at)
    with transaction.atomic():
        move(token, State.CANCELLED, why=Why.COME_BACK, by=By.PATIENT, now=now)
        right = ComeBack.objects.create(
            patient_id=token.patient_id,
            minutes=settings.COME_BACK_MINUTES,
            until=upcoming.closes if upcoming else token.expires_at,
        )
        audit.record(actor=token.patient, action="token.come_back", subject=token)
    return right
