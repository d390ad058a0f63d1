"""How robots act: by the rooms' own services, as the pages of people do."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction

from sehat.clinic import queries as clinic
from sehat.clinic.models import Doctor, Opd
from sehat.clinic.rules import DoctorState
from sehat.consultation import inviting
from sehat.consultation import services as consultations
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Outcome, PutBack, Side
from sehat.desk import queries as desks
from sehat.desk import services as desk
from sehat.kernel.errors import Refusal
from sehat.prescription import services as prescriptions
from sehat.prescription.diagnoses import classification
from sehat.prescription.writing import Written
from sehat.registration.models import Patient
from sehat.site import visits
from sehat.site.simulation import people, rules, scene
from sehat.site.simulation.rules import Act
from sehat.site.simulation.scene import Scene
from sehat.tokens import services as tokens
from sehat.tokens.events import token_moved
from sehat.tokens.models import Token
from sehat.tokens.rules import RedFlag, State, Why
from sehat.waiting import services as waiting

TRIES = 3
"""How often the end is tried where people act at the same moment."""


def come(patient: Patient, *, is_emergency: bool, now: datetime) -> None:
    """A sample patient takes a token; joining follows."""
    case = people.case_of(patient)
    tokens.issue(
        patient=patient,
        opd=Opd.objects.get(code=people.OPD),
        complaint=case.complaint[patient.language],
        duration=case.duration[patient.language],
        records=[],
        red_flags=[RedFlag.BREATHLESS] if is_emergency else [],
        now=now,
    )


def _join(there: Scene, token: Token, *, now: datetime) -> None:
    tokens.join(token=token, now=now)


def _cancel(there: Scene, token: Token, *, now: datetime) -> None:
    tokens.cancel(token=token, now=now)


def _press(there: Scene, token: Token, *, now: datetime) -> None:
    waiting.press_call_now(token=token, now=now)


def _greet(there: Scene, token: Token, *, now: datetime) -> None:
    _say(there, token, rules.HELLO[token.patient.language] % token.complaint_in_full)


def _reply(there: Scene, token: Token, *, now: datetime) -> None:
    heard = there.said_in(there.consultation_of(token)).doctors[-1]
    _say(there, token, rules.reply(heard, token.patient.language))


def _thank(there: Scene, token: Token, *, now: datetime) -> None:
    _say(there, token, rules.THANKS[token.patient.language])


def _say(there: Scene, token: Token, text: str) -> None:
    if consultation := there.consultation_of(token):
        consultations.say(consultation=consultation, side=Side.PATIENT, text=text)


def _agree(there: Scene, token: Token, *, now: datetime) -> None:
    if invitation := there.question_to(token):
        inviting.answer(invitation=invitation, agreed=True, now=now)


def _work(there: Scene, doctor: Doctor, *, now: datetime) -> None:
    """Available, and at once called to the head of the line, in one transaction: so nobody else finds the desk free.

    Where the head is a visitor after all, nothing has happened.
    """
    with transaction.atomic():
        desk.go_available(doctor=doctor, now=now)
        call = desks.open_call_of(doctor)
        if call is None or not people.is_robot(call.token.patient):
            transaction.set_rollback(True)


def _answer(there: Scene, doctor: Doctor, *, now: datetime) -> None:
    if call := desks.open_call_of(doctor):
        consultations.answer(call=call, now=now)


def _ask(there: Scene, doctor: Doctor, *, now: datetime) -> None:
    if consultation := there.consultation_at(doctor):
        question = rules.QUESTION[consultation.token.patient.language]
        consultations.say(consultation=consultation, side=Side.DOCTOR, text=question)


def _finish(there: Scene, doctor: Doctor, *, now: datetime) -> None:
    """Issue a prescription and leave; the desk is paused in the same transaction, not free for all."""
    if consultation := there.consultation_at(doctor):
        prescriptions.issue(
            consultation=consultation, doctor=consultation.doctor, written=_written(consultation), now=now
        )
        with transaction.atomic():
            consultations.finish(consultation=consultation, now=now)
            desk.turn(clinic.doctor(doctor.pk), DoctorState.PAUSED, now=now)


def _put_back(there: Scene, doctor: Doctor, *, now: datetime) -> None:
    if consultation := there.consultation_at(doctor):
        with transaction.atomic():
            consultations.put_back(consultation=consultation, reason=PutBack.LATER, now=now)
            desk.turn(clinic.doctor(doctor.pk), DoctorState.PAUSED, now=now)


def _stand_down(there: Scene, doctor: Doctor, *, now: datetime) -> None:
    """What a sample doctor should not have is given back: the visitor keeps the place."""
    if there.consultation_at(doctor):
        _put_back(there, doctor, now=now)
    else:
        desk.pause(doctor=doctor, now=now)


def _decline(there: Scene, doctor: Doctor, *, now: datetime) -> None:
    if invitation := there.invitation_of(doctor):
        inviting.decline(invitation=invitation, now=now)


def _written(consultation: Consultation) -> Written:
    case = people.case_of(consultation.token.patient)
    diagnosis = classification().get(case.diagnosis)
    if diagnosis is None:
        raise LookupError(case.diagnosis)
    return Written(
        complaint=consultation.token.complaint_in_full,
        findings=case.findings,
        diagnoses=(diagnosis,),
        lines=tuple(visits.line(medicine) for medicine in case.medicines),
        advice=case.advice,
    )


class Verb[Robot](Protocol):
    """One act of a patient, by the token, or of a doctor."""

    def __call__(self, there: Scene, robot: Robot, /, *, now: datetime) -> None: ...


PATIENTS: dict[Act, Verb[Token]] = {
    Act.JOIN: _join,
    Act.CANCEL: _cancel,
    Act.PRESS: _press,
    Act.GREET: _greet,
    Act.REPLY: _reply,
    Act.THANK: _thank,
    Act.AGREE: _agree,
}
DOCTORS: dict[Act, Verb[Doctor]] = {
    Act.WORK: _work,
    Act.ANSWER: _answer,
    Act.ASK: _ask,
    Act.FINISH: _finish,
    Act.PUT_BACK: _put_back,
    Act.STAND_DOWN: _stand_down,
    Act.DECLINE: _decline,
}


def _keep_from_visitors(
    sender: type[Token], token: Token, frm: State | None, why: Why, now: datetime, **kwargs: Any
) -> None:
    """A call ended by its patient or its clock frees the desk; a sample doctor's is paused before anybody is matched.

    Inside the transaction that ends the call.
    """
    if frm is not State.CALLED or why not in {Why.MISSED, Why.CANCELLED, Why.DAY_OVER}:
        return
    called_to = Doctor.objects.filter(scene.SAMPLE_DOCTORS, calls__token=token).order_by("-calls__id").first()
    if called_to is not None and called_to.state in {DoctorState.CALLING, DoctorState.AVAILABLE}:
        desk.turn(called_to, DoctorState.PAUSED, now=now)


@contextmanager
def kept_from_visitors() -> Iterator[None]:
    """As long as the block lasts no sample doctor becomes free by the end of a call."""
    token_moved.connect(_keep_from_visitors, dispatch_uid="sample doctors")
    try:
        yield
    finally:
        token_moved.disconnect(dispatch_uid="sample doctors")


def leave(*, now: datetime) -> None:
    """All robots go home: tokens cancelled, calls and consultations ended, desks offline. Nothing stays open.

    Also what a process that died has left behind. Where people act at the same moment it looks again, and raises the
    last refusal after `TRIES`.
    """
    for attempt in range(TRIES):
        try:
            _leave(scene.look(now=now), now)
        except Refusal:
            if attempt == TRIES - 1:
                raise
        else:
            return


def _leave(there: Scene, now: datetime) -> None:
    """First who waits, so that no desk that becomes free is given one who is about to leave."""
    for token in sorted(there.tokens, key=lambda token: token.state == State.CALLED):
        if token.state != State.CONSULTING:
            tokens.cancel(token=token, now=now)
    for consultation in there.consultations:
        if consultation.outcome == Outcome.OPEN:
            _end(consultation, now=now)
        elif people.is_robot_doctor(consultation.doctor):
            with transaction.atomic():
                consultations.finish(consultation=consultation, now=now)
                desk.turn(clinic.doctor(consultation.doctor_id), DoctorState.OFFLINE, now=now)
    for doctor in there.doctors:
        desk.end_shift(doctor=doctor, now=now)


def _end(consultation: Consultation, *, now: datetime) -> None:
    """Without a prescription the patient goes back into the line; a sample patient goes home from there.

    In one transaction, so that nobody is called who is about to leave, and no sample doctor is free in between.
    """
    with transaction.atomic():
        consultations.put_back(consultation=consultation, reason=PutBack.LATER, now=now)
        if people.is_robot(consultation.token.patient):
            tokens.cancel(token=consultation.token, now=now)
        if people.is_robot_doctor(consultation.doctor):
            desk.turn(clinic.doctor(consultation.doctor_id), DoctorState.OFFLINE, now=now)
