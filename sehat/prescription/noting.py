"""What a doctor notes about a patient for good: allergies."""

from datetime import datetime

from django.db.models import QuerySet

from sehat.audit import services as audit
from sehat.clinic.models import Doctor
from sehat.consultation.models import Consultation
from sehat.kernel.prepared import prepared
from sehat.prescription.models import Allergy
from sehat.registration.models import Patient


@prepared
def _allergies_of(patient: int) -> QuerySet[Allergy, tuple[str]]:
    return Allergy.objects.filter(patient=patient, withdrawn_at=None).order_by("id").values_list("words")


def allergies_of(patient: Patient | int) -> list[str]:
    """What the patient does not bear, in the words of the doctors, oldest first."""
    return [words for (words,) in _allergies_of(patient.pk if isinstance(patient, Patient) else patient)]


def add_allergies(consultation: Consultation, doctor: Doctor, words: tuple[str, ...], *, now: datetime) -> None:
    """Note what is new. Nothing is withdrawn: since the sheet that is amended, others may have noted more."""
    known = allergies_of(consultation.token.patient_id)
    keep_allergies(consultation, doctor, tuple(dict.fromkeys((*known, *words))), now=now)


def keep_allergies(consultation: Consultation, doctor: Doctor, words: tuple[str, ...] | None, *, now: datetime) -> None:
    """Note what is new and withdraw what the doctor took out; None (not asked) leaves all as it is."""
    if words is None:
        return
    patient = consultation.token.patient_id
    standing = Allergy.objects.filter(patient=patient, withdrawn_at=None)
    gone = standing.exclude(words__in=words).update(withdrawn_by=doctor, withdrawn_at=now)
    known = set(standing.values_list("words", flat=True))
    new = [
        Allergy(patient_id=patient, words=word, noted_by=doctor, noted_at=now) for word in words if word not in known
    ]
    Allergy.objects.bulk_create(new)
    if new or gone:
        audit.record(actor=doctor.staff, action="allergy.note", subject=consultation, noted=len(new), withdrawn=gone)
