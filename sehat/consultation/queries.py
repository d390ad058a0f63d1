"""Doors to consultations: a stranger's does not exist. And how one stands."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery

from sehat.clinic.models import Doctor
from sehat.consultation.models import CallEvidence, ChatMessage, Consultation, Feedback
from sehat.consultation.rules import MOST_MESSAGES, Evidence, Mode, Outcome, Side, achieved
from sehat.kernel.prepared import prepared
from sehat.registration.models import Patient
from sehat.tokens.models import HealthRecord


def _with_people() -> QuerySet[Consultation]:
    return Consultation.objects.select_related(
        "token__patient", "token__opd", "doctor__staff", "doctor__hospital", "doctor__opd"
    )


def _bare() -> QuerySet[Consultation]:
    return Consultation.objects.select_related("token")


@prepared
def _of_patient(patient: int, ref: str) -> QuerySet[Consultation]:
    return _with_people().filter(ref=ref, token__patient=patient)


@prepared
def _of_patient_bare(patient: int, ref: str) -> QuerySet[Consultation]:
    return _bare().filter(ref=ref, token__patient=patient)


@prepared
def _of_doctor(staff: int, ref: str) -> QuerySet[Consultation]:
    return _with_people().filter(ref=ref, doctor__staff=staff)


@prepared
def _of_doctor_bare(staff: int, ref: str) -> QuerySet[Consultation]:
    return _bare().filter(ref=ref, doctor__staff=staff)


def of_patient(patient: Patient | int, ref: str, *, bare: bool = False) -> Consultation | None:
    """The patient's own consultation, open or not; `bare` without the people, for what only writes to it."""
    found = _of_patient_bare if bare else _of_patient
    return found.first(patient.pk if isinstance(patient, Patient) else patient, ref)


def of_doctor(staff: int, ref: str, *, bare: bool = False) -> Consultation | None:
    """The doctor's own consultation, open or not; `bare` without the people, for what only writes to it."""
    return (_of_doctor_bare if bare else _of_doctor).first(staff, ref)


def by_ref(ref: str) -> Consultation | None:
    """Anybody's, for who may read everybody's."""
    return _with_people().filter(ref=ref).first()


def ended(*, since: datetime, after: int = 0) -> QuerySet[Consultation]:
    """Everybody's that ended later than that, in that order; of those that ended at that very moment the ones whose key
    is above `after`.
    """
    # Both halves of the condition, so that the index finds the beginning.
    found = _with_people().filter(ended_at__gte=since).exclude(ended_at=since, pk__lte=after)
    return found.order_by("ended_at", "id")


def put_back_of(patient: Patient | int) -> QuerySet[Consultation]:
    """The patient's consultations that ended without a prescription, newest first."""
    return _with_people().filter(token__patient=patient, outcome=Outcome.PUT_BACK).order_by("-id")


def open_of_patient(patient: Patient | int) -> Consultation | None:
    """The consultation that the patient may enter now."""
    return _with_people().filter(token__patient=patient, ended_at=None).order_by("-id").first()


@prepared
def _open_of_doctor(doctor: int) -> QuerySet[Consultation]:
    return _with_people().filter(doctor=doctor, ended_at=None)


def open_of_doctor(doctor: Doctor) -> Consultation | None:
    """The consultation at this doctor's desk."""
    return _open_of_doctor.first(doctor.pk)


def left_alone(*, before: datetime) -> QuerySet[Consultation]:
    """Open consultations whose doctor's page was last seen before that moment."""
    return _with_people().filter(ended_at=None, doctor_seen_at__lt=before).order_by("doctor_seen_at")


@dataclass(frozen=True)
class Standing:
    """How a consultation stands, as a page needs it. `call` is `on` or `ended`."""

    call: str
    completed: bool
    put_back: bool
    over: bool


def standing(consultation: Consultation) -> Standing:
    """Read off the row; no query."""
    return Standing(
        call="ended" if consultation.call_ended_at else "on",
        completed=consultation.outcome == Outcome.COMPLETED,
        put_back=consultation.outcome == Outcome.PUT_BACK,
        over=consultation.ended_at is not None,
    )


@prepared
def _lines(consultation: int, after: int) -> QuerySet[ChatMessage]:
    return ChatMessage.objects.filter(consultation=consultation, pk__gt=after).select_related("record").order_by("pk")


def lines(consultation: Consultation, *, after: int = 0) -> list[ChatMessage]:
    """What was written after the line of that key, oldest first, with the files."""
    return _lines(consultation.pk, after)


@prepared
def _open(pk: int) -> QuerySet[Consultation]:
    return Consultation.objects.filter(pk=pk, ended_at=None)


def open_by_key(pk: int) -> Consultation | None:
    """The consultation, if it has not ended, as the database says now."""
    return _open.first(pk)


@prepared
def may_write(pk: int, side: str) -> QuerySet[Consultation, tuple[int]]:
    """The consultation where that side may write one more line: it goes on, and the lines are not used up."""
    lines = ChatMessage.objects.filter(consultation=OuterRef("pk"), side=side).order_by().values("pk")
    last_allowed = Subquery(lines[MOST_MESSAGES - 1 : MOST_MESSAGES])
    return Consultation.objects.alias(last=last_allowed).filter(pk=pk, ended_at=None, last=None).values_list("pk")


def record(consultation: Consultation, side: Side, ref: str) -> HealthRecord | None:
    """A health record or a file of the chat: both are kept with the token; those of the token that was referred
    come along.

    The doctor sees those of the patient who is there now; the patient keeps them for good.
    """
    if side is not Side.PATIENT and consultation.ended_at is not None:
        return None
    token = consultation.token
    return HealthRecord.objects.filter(ref=ref, token__in=[token.pk, token.referred_from_id or token.pk]).first()


def referrer(consultation: Consultation) -> Doctor | None:
    """The doctor who sent the patient here."""
    first = consultation.token.referred_from_id
    done = Consultation.objects.filter(token=first, outcome=Outcome.COMPLETED) if first else None
    found = done.select_related("doctor__staff", "doctor__opd").first() if done is not None else None
    return found.doctor if found else None


@prepared
def _evidence(consultation: int) -> QuerySet[CallEvidence]:
    return CallEvidence.objects.filter(consultation=consultation)


def evidence(consultation: Consultation, side: Side) -> Evidence:
    """What this side has reported so far; nothing where it has not."""
    found = (row.evidence for row in _evidence(consultation.pk) if row.side == side)
    return next(found, Evidence())


def achieved_so_far(consultation: Consultation) -> tuple[Mode, int]:
    """The mode that counts for the Telemedicine Practice Guidelines (clinical.md), and the seconds of video that both
    ends have seen.
    """
    rows = {row.side: row.evidence for row in _evidence(consultation.pk)}
    patient, doctor = rows.get(Side.PATIENT, Evidence()), rows.get(Side.DOCTOR, Evidence())
    mode = achieved(patient, doctor, least_seconds=settings.VIDEO_SECONDS)
    return mode, min(patient.video, doctor.video)


def mode_achieved(consultation: Consultation) -> Mode:
    """The mode that counts so far."""
    return achieved_so_far(consultation)[0]


def completed_of(patient: Patient | int) -> QuerySet[Consultation]:
    """The patient's consultations that brought a prescription, newest first."""
    return _with_people().filter(token__patient=patient, outcome=Outcome.COMPLETED).order_by("-id")


def feedback_of(consultation: Consultation) -> Feedback | None:
    """What the patient has said of it so far."""
    return Feedback.objects.filter(consultation=consultation).first()
