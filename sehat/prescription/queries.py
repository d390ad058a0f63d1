"""Doors to prescriptions and drafts."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from sehat.consultation.models import Consultation
from sehat.kernel.prepared import prepared
from sehat.papers.rules import Status, read_number
from sehat.prescription.models import Draft, Prescription
from sehat.registration.models import Patient


@dataclass(frozen=True, slots=True)
class Desk:
    """A consultation that a doctor writes in: with the draft, and whether a prescription was issued."""

    consultation: Consultation
    draft: Draft | None
    is_issued: bool


@prepared
def _desk(staff: int, ref: str) -> QuerySet[Consultation]:
    issued = Prescription.objects.filter(consultation=OuterRef("pk"), status=Status.ISSUED)
    return (
        Consultation.objects.filter(ref=ref, doctor__staff=staff, ended_at=None)
        .select_related("token__patient", "token__opd", "doctor", "draft")
        .annotate(is_issued=Exists(issued))
    )


def desk(staff: int, ref: str) -> Desk | None:
    """The doctor's own consultation, as long as the doctor is in it; all that the form needs of it, in one query."""
    found = _desk.first(staff, ref)
    return Desk(found, getattr(found, "draft", None), found.is_issued) if found else None  # type: ignore[attr-defined]


@prepared
def _by_ref(ref: str) -> QuerySet[Prescription]:
    return whole(Prescription.objects.filter(ref=ref))


@prepared
def _of_doctor(staff: int, ref: str) -> QuerySet[Prescription]:
    return whole(Prescription.objects.filter(consultation__doctor__staff=staff, ref=ref))


def by_ref(ref: str) -> Prescription | None:
    """The prescription of a link, with its lines. Who holds the link may read it: its 128 random bits are the
    key.
    """
    return _by_ref.first(ref)


def by_number(text: str) -> Prescription | None:
    """The prescription of a number, however it was typed."""
    number = read_number(text)
    return Prescription.objects.select_related("amended_by").filter(number=number).first() if number else None


@prepared
def _issued_in(consultation: int) -> QuerySet[Prescription]:
    return Prescription.objects.filter(consultation=consultation, status=Status.ISSUED)


def of_consultation(consultation: Consultation) -> Prescription | None:
    """The one that counts."""
    return _issued_in.first(consultation.pk)


def of_doctor(staff: int, ref: str) -> Prescription | None:
    """The doctor's own prescription, with what its papers are made of."""
    return _of_doctor.first(staff, ref)


def issued_by(staff: int, *, since: datetime) -> QuerySet[Prescription]:
    """What a doctor has issued since then, newest first."""
    return (
        Prescription.objects.filter(consultation__doctor__staff=staff, issued_at__gte=since)
        .select_related("amended_by", "replaces", "consultation")
        .order_by("-issued_at", "-id")
    )


def whole(found: QuerySet[Prescription]) -> QuerySet[Prescription]:
    """With all that a document of it names, so that none asks again for each row."""
    return found.select_related(
        "patient",
        "replaces",
        "amended_by",
        "consultation__token__opd",
        "consultation__token__patient",
        "consultation__doctor__hospital",
        "consultation__doctor__staff",
    ).prefetch_related("lines", "patient__allergies")


def of_patient(patient: Patient | int, *, before: int | None = None) -> QuerySet[Prescription]:
    """A patient's prescriptions, newest first; `before` is the key of the last one seen."""
    found = Prescription.objects.filter(patient=patient).order_by("-issued_at", "-id")
    return found.filter(pk__lt=before) if before else found


@prepared
def _draft_of(consultation: int) -> QuerySet[Draft]:
    return Draft.objects.filter(consultation=consultation)


def draft_of(consultation: Consultation) -> Draft | None:
    """What was written so far."""
    return _draft_of.first(consultation.pk)
