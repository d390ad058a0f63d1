"""Doors to prescriptions and drafts."""

from django.db.models import QuerySet

from sehat.consultation.models import Consultation
from sehat.prescription.models import Draft, Prescription
from sehat.prescription.rules import Status, read_number
from sehat.registration.models import Patient


def by_ref(ref: str) -> Prescription | None:
    """The prescription of a link, with its lines. Who holds the link may read it: its 128 random bits are the
    key.
    """
    return Prescription.objects.prefetch_related("lines").filter(ref=ref).first()


def by_number(text: str) -> Prescription | None:
    """The prescription of a number, however it was typed."""
    number = read_number(text)
    return Prescription.objects.filter(number=number).first() if number else None


def of_consultation(consultation: Consultation) -> Prescription | None:
    """The one that counts."""
    return Prescription.objects.filter(consultation=consultation, status=Status.ISSUED).first()


def of_patient(patient: Patient | int, *, before: int | None = None) -> QuerySet[Prescription]:
    """A patient's prescriptions, newest first; `before` is the key of the last one seen."""
    found = Prescription.objects.filter(patient=patient).order_by("-issued_at", "-id")
    return found.filter(pk__lt=before) if before else found


def draft_of(consultation: Consultation) -> Draft | None:
    """What was written so far."""
    return Draft.objects.filter(consultation=consultation).first()
