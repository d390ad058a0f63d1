"""Doors to letters, and to the consultations for which one may be written."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from sehat.consultation import queries as consultations
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Outcome
from sehat.kernel.prepared import prepared
from sehat.letters.models import Letter
from sehat.letters.rules import DAYS_TO_WRITE, Purpose
from sehat.papers.rules import Status
from sehat.registration.models import Patient


def by_ref(ref: str) -> Letter | None:
    """The letter of a link. Who holds the link may read it: its 128 random bits are the key."""
    return Letter.objects.filter(ref=ref).first()


def of_doctor(staff: int, ref: str) -> Letter | None:
    """The doctor's own letter."""
    mine = Letter.objects.filter(consultation__doctor__staff=staff)
    return mine.select_related("patient", "consultation__doctor__staff").filter(ref=ref).first()


def may_be_written_for(consultation: Consultation, *, now: datetime) -> bool:
    """While it is open, and for some days after it was completed; never where the patient was put back."""
    if consultation.outcome == Outcome.PUT_BACK:
        return False
    return consultation.ended_at is None or now - consultation.ended_at < timedelta(days=DAYS_TO_WRITE)


def to_write_for(staff: int, ref: str, *, now: datetime) -> Consultation | None:
    """The doctor's own consultation, where a letter may be written for it."""
    found = consultations.of_doctor(staff, ref)
    return found if found is not None and may_be_written_for(found, now=now) else None


def of_consultation(consultation: Consultation) -> QuerySet[Letter]:
    """All of it, newest first."""
    return Letter.objects.filter(consultation=consultation).order_by("-id")


def issued_by(staff: int, *, since: datetime) -> QuerySet[Letter]:
    """What a doctor has issued since then, newest first."""
    mine = Letter.objects.filter(consultation__doctor__staff=staff, issued_at__gte=since)
    return mine.order_by("-issued_at", "-id")


def of_patient(patient: Patient | int) -> QuerySet[Letter]:
    """All letters of a patient, newest first."""
    return Letter.objects.filter(patient=patient).order_by("-issued_at", "-id")


def of_consultations(keys: Iterable[int]) -> dict[int, list[Letter]]:
    """The letters of several consultations, by the consultation's key, oldest first."""
    found: dict[int, list[Letter]] = {}
    for letter in Letter.objects.filter(consultation__in=list(keys)).order_by("id"):
        found.setdefault(letter.consultation_id, []).append(letter)
    return found


@prepared
def _alone(patient: int) -> QuerySet[Letter]:
    return of_patient(patient).filter(consultation__prescriptions=None)


def alone(patient: Patient) -> list[Letter]:
    """The letters of consultations that brought no prescription, newest first."""
    return _alone(patient.pk)


def leaves_of(patient: Patient | int, *, since: datetime) -> QuerySet[Letter]:
    """The sick leaves that were advised to a patient since then and still count, newest first."""
    return of_patient(patient).filter(purpose=Purpose.SICK_LEAVE, status=Status.ISSUED, issued_at__gte=since)
