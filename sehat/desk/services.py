"""Verbs of the desk, and the match between who is free and who is next.

Every turn of a desk and every move of a token is a compare-and-set, so any number of processes may match, sweep
and press at once; the constraints on `Call` keep what a race could still get wrong.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from sehat import live
from sehat.audit import services as audit
from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.desk import queries
from sehat.desk.errors import CallGone, DeskBusy
from sehat.desk.events import doctor_returns
from sehat.desk.rules import TURNS, UNANSWERED
from sehat.kernel.rows import change, insert
from sehat.live import topics
from sehat.notices import services as notices
from sehat.tokens import services as tokens
from sehat.tokens.errors import TokenMovedOn
from sehat.tokens.rules import By, State, Why
from sehat.waiting import queries as waiting
from sehat.waiting.models import Call
from sehat.waiting.rules import OPEN_CALL, CallState

log = logging.getLogger(__name__)

TRIES = 3
AFTER = timedelta(microseconds=1)
"""The smallest step of a turn key: right behind another."""


def turn(doctor: Doctor, to: DoctorState, *, now: datetime, because: str = "") -> bool:
    """Turn a desk from the state that was read to another; False where it has turned meanwhile, or may not.

    Tells the desk's page after commit.
    """
    frm = DoctorState(doctor.state)
    if to not in TURNS[frm]:
        return False
    changes = {"state": to, "state_since": now, "paused_because": because}
    if not change(Doctor, {"pk": doctor.pk, "state": frm}, changes):
        return False
    for name, value in changes.items():
        setattr(doctor, name, value)
    live.after_commit(topics.doctor(doctor.pk), {"kind": "state"})
    live.after_commit(topics.opd(doctor.opd_id), {"kind": "line"})
    return True


def go_available(*, doctor: Doctor, now: datetime) -> None:
    """The doctor takes patients; the head of the line is called. Refuses during a consultation."""
    _look_again(doctor)
    if doctor.state in {DoctorState.AVAILABLE, DoctorState.CALLING}:
        return
    if doctor.state == DoctorState.CONSULTING:
        doctor_returns.send(sender=Doctor, doctor=doctor, now=now)
        _look_again(doctor)
        if doctor.state == DoctorState.CONSULTING:
            raise DeskBusy
        return
    with transaction.atomic():
        if not turn(doctor, DoctorState.AVAILABLE, now=now):
            raise DeskBusy
        audit.record(actor=doctor.staff, action="desk.available", subject=doctor)
    match(opd=doctor.opd_id, now=now)


def _look_again(doctor: Doctor) -> None:
    """The desk as it is now; who sits at it has not changed."""
    doctor.refresh_from_db(fields=["state", "state_since", "paused_because", "opd"])


def pause(*, doctor: Doctor, now: datetime) -> None:
    """No more calls for now; a call that stood open goes back to the head of the line. Refuses in a consultation."""
    _stop(doctor, DoctorState.PAUSED, now=now)


def end_shift(*, doctor: Doctor, now: datetime) -> None:
    """The doctor goes home; the line belongs to the OPD and stays. Refuses in a consultation (DeskBusy)."""
    _stop(doctor, DoctorState.OFFLINE, now=now)


def _stop(doctor: Doctor, to: DoctorState, *, now: datetime) -> None:
    for _ in range(TRIES):
        _look_again(doctor)
        if doctor.state == to:
            return
        if doctor.state == DoctorState.CONSULTING:
            break
        if _stopped(doctor, to, now=now):
            match(opd=doctor.opd_id, now=now)
            return
    raise DeskBusy


def _stopped(doctor: Doctor, to: DoctorState, *, now: datetime) -> bool:
    """One try to stop; False where the call or the desk changed meanwhile."""
    try:
        with transaction.atomic():
            call = queries.open_call_of(doctor)
            if call is not None:
                _take_back(call, CallState.WITHDRAWN, why=Why.DOCTOR_LEFT, now=now)
            if not turn(doctor, to, now=now):
                raise CallGone
            audit.record(actor=doctor.staff, action=f"desk.{to}", subject=doctor)
    except (CallGone, TokenMovedOn):
        return False
    return True


def release(*, doctor: Doctor, now: datetime) -> None:
    """The consultation is over for this desk: available again. Call inside its transaction, then `match`."""
    if doctor.state == DoctorState.CONSULTING:
        turn(doctor, DoctorState.AVAILABLE, now=now)


def match(*, opd: int, now: datetime) -> int:
    """Give each available doctor of the OPD the head of the line; returns the number of calls made.

    The doctor who has been free the longest comes first. Runs after commit of what made it possible, and in
    every sweep, so that a process that died in between costs a second and not a patient. Any number of processes may
    be at it: each takes the next desk that nobody else has in hand.
    """
    made, last = 0, queries.FIRST
    if not queries.anybody_available(opd):
        return made  # so it is nearly always on a busy day, and no lock is taken to find out
    while True:
        try:
            with transaction.atomic():
                doctor = queries.next_free(opd, behind=last, now=now)
                if doctor is None:
                    return made
                last = (doctor.state_since or now, doctor.pk)
                made += _call_head(doctor, now=now)
        except (TokenMovedOn, IntegrityError):
            continue  # the patient was quicker, or another process; the next sweep looks at this desk again


def _call_head(doctor: Doctor, *, now: datetime) -> bool:
    """Call the head of the line to a doctor whose row is locked; False where others have all those in hand."""
    token = waiting.head_for(doctor, now=now)
    if token is None or not turn(doctor, DoctorState.CALLING, now=now):
        return False
    call = Call(
        token=token,
        doctor=doctor,
        made_at=now,
        deadline=now + timedelta(seconds=settings.CALL_NOW_SECONDS),
    )
    insert(call)
    minutes = max(1, round(settings.CALL_NOW_SECONDS / 60))
    beside = [
        *notices.compose("call_now", to=token.patient, minutes=minutes),
        audit.entry(actor=None, action="call.make", subject=call, token=token.pk, doctor=doctor.pk),
    ]
    tokens.move(token, State.CALLED, why=Why.DOCTOR_FREE, by=By.PORTAL, now=now, beside=beside)
    return True


def take(*, call: Call, now: datetime) -> Call:
    """The doctor answers a ringing call: token and doctor go into consultation. Refuses a call that is gone.

    Call it inside the transaction that opens the consultation. Rows are always taken in the order token, call,
    doctor, so that two processes never wait for each other.
    """
    if call.state != CallState.RINGING:
        raise CallGone
    tokens.move(call.token, State.CONSULTING, why=Why.ANSWERED, by=By.DOCTOR, now=now)
    _end(call, CallState.ANSWERED, now=now)
    if not turn(call.doctor, DoctorState.CONSULTING, now=now):
        raise CallGone
    return call


def _end(call: Call, state: CallState, *, now: datetime) -> None:
    if not change(Call, {"pk": call.pk, "state": call.state}, {"state": state, "ended_at": now}):
        raise CallGone
    call.state, call.ended_at = state, now


def _take_back(call: Call, end: CallState, *, why: Why, now: datetime) -> None:
    """End an open call and put its token back into the line. Refuses where somebody was first."""
    turn_key = _key_after_miss(call, now=now) if end is CallState.MISSED else None
    by = By.DOCTOR if why is Why.DOCTOR_LEFT else By.PORTAL
    tokens.move(call.token, State.WAITING, why=why, by=by, now=now, turn_key=turn_key)
    _end(call, end, now=now)


def _key_after_miss(call: Call, *, now: datetime) -> datetime:
    """The back of the line; or, by the policy for a first miss, behind the next N patients."""
    behind = settings.FIRST_MISS_FALLS_BEHIND
    if not behind or queries.missed_before(call):
        return now
    last = waiting.line(call.token.opd_id)[behind - 1 : behind].values_list("turn_key", flat=True).first()
    return now if last is None else max(last, call.token.turn_key or last) + AFTER


def _end_missed(call: Call, *, now: datetime) -> None:
    """The patient did not press in time and falls back in the line; the doctor is free for the next."""
    _take_back(call, CallState.MISSED, why=Why.MISSED, now=now)
    turn(call.doctor, DoctorState.AVAILABLE, now=now)
    place = waiting.ahead(call.token) + 1
    notices.write("call_missed", to=call.token.patient, token=call.token.code, place=place)


def _end_unanswered(call: Call, *, now: datetime) -> None:
    """The doctor did not answer: the desk is paused and told why; the patient keeps the place."""
    _take_back(call, CallState.UNANSWERED, why=Why.DOCTOR_SILENT, now=now)
    turn(call.doctor, DoctorState.PAUSED, now=now, because=UNANSWERED)


def _end_overdue(call: Call, *, now: datetime) -> None:
    end = _end_missed if call.state == CallState.SUMMONED else _end_unanswered
    try:
        with transaction.atomic():
            end(call, now=now)
    except (CallGone, TokenMovedOn):
        log.info("call %s was settled by somebody else", call.pk)


def sweep(*, now: datetime) -> None:
    """Act on every deadline that has passed and match every OPD that could be; any process may run it any time."""
    for call in queries.overdue(now=now):
        _end_overdue(call, now=now)
    for opd in queries.opds_to_match():
        match(opd=opd, now=now)


def call_withdrawn(*, token_id: int, now: datetime) -> None:
    """The patient cancelled out of a call: the doctor who was called for is free again."""
    last = Call.objects.filter(token=token_id).select_related("doctor").order_by("-id").first()
    if last is not None and last.state not in OPEN_CALL and last.doctor.state == DoctorState.CALLING:
        turn(last.doctor, DoctorState.AVAILABLE, now=now)
