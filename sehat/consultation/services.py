"""Verbs of the consultation: answered, ended, put back, completed, left; written lines, files, evidence.

Every change is a compare-and-set on the consultation's row, with the token's move and the audit row in the
same transaction; pages are told after commit, by ids only.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from sehat import live
from sehat.audit import services as audit
from sehat.clinic import queries as clinic
from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.consultation import inviting, queries
from sehat.consultation.errors import (
    ConsultationOver,
    EmptyMessage,
    MessageTooLong,
    TooManyFiles,
    TooManyMessages,
)
from sehat.consultation.models import CallEvidence, ChatMessage, Consultation, Feedback
from sehat.consultation.rules import (
    MESSAGE_LENGTH,
    MOST_FILES,
    Evidence,
    Outcome,
    PutBack,
    Side,
    bounded,
)
from sehat.desk import services as desk
from sehat.kernel.rows import change, insert, insert_where
from sehat.live import topics
from sehat.tokens import services as tokens
from sehat.tokens.errors import TokenMovedOn
from sehat.tokens.records import CleanFile
from sehat.tokens.rules import By, State, Why
from sehat.waiting.models import Call

Fields = Mapping[str, object]

SEEN_EVERY = timedelta(seconds=30)
GONE_AFTER = timedelta(minutes=10)
SWEEP_AT_ONCE = 100
LAST_REPORT = timedelta(minutes=1)  # a page that closes at the end still gets its report in


def answer(*, call: Call, now: datetime) -> Consultation:
    """The doctor answers a ringing call. Refuses a call that is gone (desk.errors.CallGone).

    The patient has consented by pressing Call Now (clinical.md: implied when the patient starts the call): that and the
    moment are recorded with the start.
    """
    consent = {"consent": "implied", "consent_at": call.pressed_at.isoformat() if call.pressed_at else None}
    with transaction.atomic():
        desk.take(call=call, now=now)
        consultation = Consultation(token=call.token, doctor=call.doctor, started_at=now, doctor_seen_at=now)
        insert(consultation)
        doctor = call.doctor.staff
        audit.record(actor=doctor, action="consultation.start", subject=consultation, token=call.token_id, **consent)
    return consultation


def end_call(*, consultation: Consultation, now: datetime) -> None:
    """End the call; the consultation stays open for the prescription. Ending twice is ending once."""
    with transaction.atomic():
        if not _change(consultation, {"call_ended_at": None}, {"call_ended_at": now}):
            return
        inviting.close(consultation, now=now)
        audit.record(actor=consultation.doctor.staff, action="consultation.end_call", subject=consultation)


def put_back(*, consultation: Consultation, reason: PutBack, now: datetime) -> None:
    """The patient goes back into the line with the same turn key; the doctor is free.

    Refuses a consultation whose prescription is issued, or which has ended (ConsultationOver).
    """
    with transaction.atomic():
        to = {"outcome": Outcome.PUT_BACK, "put_back_reason": reason}
        _close(consultation, Outcome.OPEN, to, now=now)
        inviting.close(consultation, now=now)
        rests_until = now + timedelta(seconds=settings.PUT_BACK_REST_SECONDS)
        why, by = (Why.DOCTOR_LEFT, By.PORTAL) if reason is PutBack.GONE else (Why.PUT_BACK, By.DOCTOR)
        tokens.move(consultation.token, State.WAITING, why=why, by=by, now=now, rests_until=rests_until)
        _free(consultation.doctor_id, now=now)
        doctor = consultation.doctor.staff
        audit.record(actor=doctor, action="consultation.put_back", subject=consultation, reason=reason)


def complete(*, consultation: Consultation, now: datetime) -> None:
    """The prescription is issued: the token is used up, the call may go on.

    To be called inside the transaction that issues it. Refuses a consultation that was put back, left or
    completed before (ConsultationOver).
    """
    with transaction.atomic(savepoint=False):
        to = {"outcome": Outcome.COMPLETED, "completed_at": now}
        if not _change(consultation, {"outcome": Outcome.OPEN}, to):
            raise ConsultationOver
        tokens.move(consultation.token, State.COMPLETED, why=Why.PRESCRIBED, by=By.DOCTOR, now=now)
        audit.record(actor=consultation.doctor.staff, action="consultation.complete", subject=consultation)


def finish(*, consultation: Consultation, now: datetime) -> None:
    """The doctor leaves a completed consultation and is available again.

    Refuses one without a prescription (ConsultationOver): its token would hang between doctor and line.
    """
    with transaction.atomic():
        _close(consultation, Outcome.COMPLETED, {}, now=now)
        inviting.close(consultation, now=now)
        _free(consultation.doctor_id, now=now)
        audit.record(actor=consultation.doctor.staff, action="consultation.finish", subject=consultation)


def _change(consultation: Consultation, where: Fields, to: Fields) -> bool:
    """Compare-and-set on an open consultation; tells both pages after commit. False: somebody was first."""
    if not change(Consultation, {"pk": consultation.pk, "ended_at": None, **where}, to):
        return False
    for name, value in to.items():
        setattr(consultation, name, value)
    live.after_commit(topics.consultation(consultation.pk), {"kind": "changed"})
    return True


def _close(consultation: Consultation, outcome: Outcome, to: Fields, *, now: datetime) -> None:
    """End a consultation of that outcome, and its call if it goes on. Refuses any other (ConsultationOver)."""
    if not _change(consultation, {"outcome": outcome}, {**to, "ended_at": now}):
        raise ConsultationOver
    if change(Consultation, {"pk": consultation.pk, "call_ended_at": None}, {"call_ended_at": now}):
        consultation.call_ended_at = now


def _free(doctor_id: int, *, now: datetime) -> None:
    doctor = clinic.doctor(doctor_id)
    desk.release(doctor=doctor, now=now)
    transaction.on_commit(lambda: desk.match(opd=doctor.opd_id, now=now))


def seen(*, consultation: Consultation, now: datetime) -> None:
    """The doctor's page is open: noted at most every `SEEN_EVERY`."""
    if now - consultation.doctor_seen_at >= SEEN_EVERY:
        Consultation.objects.filter(pk=consultation.pk, ended_at=None).update(doctor_seen_at=now)
        consultation.doctor_seen_at = now


def sweep(*, now: datetime) -> int:
    """End the consultations whose doctor has been gone for `GONE_AFTER`, so that no patient waits for ever.

    Without a prescription the patient goes back into the line at the old place; the desk is paused until the doctor
    is back. Returns how many.
    """
    gone = queries.left_alone(before=now - GONE_AFTER)[:SWEEP_AT_ONCE]
    return sum(_leave(consultation, now=now) for consultation in gone)


def _leave(consultation: Consultation, *, now: datetime) -> bool:
    try:
        with transaction.atomic():
            if consultation.outcome == Outcome.OPEN:
                put_back(consultation=consultation, reason=PutBack.GONE, now=now)
            else:
                finish(consultation=consultation, now=now)
            desk.turn(clinic.doctor(consultation.doctor_id), DoctorState.PAUSED, now=now)
    except (ConsultationOver, TokenMovedOn):
        return False  # the doctor, or another sweep, was first
    return True


def say(*, consultation: Consultation, side: Side, text: str) -> ChatMessage:
    """Write a line. Refuses an empty one, one of over 2,000 characters, the 501st, and one after the end."""
    # A browser's line ends count as one character there and as two here; NUL has no place in a text column.
    text = text.replace("\r\n", "\n").replace("\0", "").strip()
    if not text:
        raise EmptyMessage
    if len(text) > MESSAGE_LENGTH:
        raise MessageTooLong(length=len(text), most=MESSAGE_LENGTH)
    message = ChatMessage(consultation=consultation, side=side, text=text)
    if not insert_where(message, queries.may_write, consultation.pk, side):
        raise TooManyMessages if queries.open_by_key(consultation.pk) else ConsultationOver
    _tell(consultation, "chat", message)
    return message


def send_file(*, consultation: Consultation, side: Side, record: CleanFile, guest: Doctor | None = None) -> ChatMessage:
    """Keep a cleaned file with the token and show it in the chat; `guest` is the invited doctor whose file it is.

    Refuses the 11th, and one after the end.
    """
    if _of(consultation, side).exclude(record=None).count() >= MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    by = By.PATIENT if side is Side.PATIENT else By.DOCTOR
    actor = consultation.token.patient if side is Side.PATIENT else guest or consultation.doctor
    token = consultation.token
    with tokens.stored([record], day=token.day, by=by) as rows, transaction.atomic():
        if queries.open_by_key(consultation.pk) is None:
            raise ConsultationOver
        tokens.keep(token, rows)
        row = rows[0]
        message = ChatMessage.objects.create(consultation=consultation, side=side, record=row)
        audit.record(actor=actor, action="consultation.file", subject=row, side=side, size=row.size)
        _tell(consultation, "file", message)
    return message


def _of(consultation: Consultation, side: Side) -> QuerySet[ChatMessage]:
    return ChatMessage.objects.filter(consultation=consultation, side=side)


def _tell(consultation: Consultation, kind: str, message: ChatMessage) -> None:
    # The writer's page has the line in the answer to its POST.
    told = {"kind": kind, "id": message.pk, "side": message.side}
    live.after_commit(topics.consultation(consultation.pk), told)


def report(*, consultation: Consultation, side: Side, reported: Evidence, now: datetime) -> None:
    """Keep one side's evidence: it never goes down, and claims no second outside the call.

    A report that comes more than a minute after the end is dropped.
    """
    end = consultation.call_ended_at or consultation.ended_at
    if end is not None and now > end + LAST_REPORT:
        return
    claim = bounded(reported, started=consultation.started_at, until=end or now)
    row = CallEvidence.objects.filter(consultation=consultation, side=side)
    higher = {
        "seconds_video": Greatest(F("seconds_video"), claim.video),
        "seconds_audio": Greatest(F("seconds_audio"), claim.audio),
        "drops": Greatest(F("drops"), claim.drops),
        "reported_at": now,
    }
    if row.update(**higher):
        return
    try:
        with transaction.atomic():
            CallEvidence.objects.create(
                consultation=consultation,
                side=side,
                seconds_video=claim.video,
                seconds_audio=claim.audio,
                drops=claim.drops,
                reported_at=now,
            )
    except IntegrityError:  # another report was the first
        row.update(**higher)


def give_feedback(*, consultation: Consultation, stars: int, text: str, now: datetime) -> None:
    """Keep what the patient says of a completed consultation; said again, it takes the place of what was said.

    Refuses one that brought no prescription (ConsultationOver).
    """
    if consultation.outcome != Outcome.COMPLETED:
        raise ConsultationOver
    with transaction.atomic():
        said = {"stars": stars, "text": text, "given_at": now}
        Feedback.objects.update_or_create(consultation=consultation, defaults=said)
        patient = consultation.token.patient
        audit.record(actor=patient, action="consultation.feedback", subject=consultation, stars=stars)
