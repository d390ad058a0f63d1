"""What was, newest first, a page at a time."""

from dataclasses import dataclass

from sehat.prescription import queries as prescriptions
from sehat.prescription.models import Prescription
from sehat.registration.models import Patient

AT_ONCE = 10


@dataclass(frozen=True)
class Past:
    """Some prescriptions, and the key to go on with (`older`), None at the end."""

    prescriptions: list[Prescription]
    older: int | None


def past_of(patient: Patient | int, *, before: int | None = None, lines: bool = False) -> Past:
    """The patient's past consultations, each with its prescription; `lines` brings the medicines along."""
    found = prescriptions.of_patient(patient, before=before)
    if lines:
        found = found.prefetch_related("lines")
    rows = list(found[: AT_ONCE + 1])
    return Past(rows[:AT_ONCE], rows[AT_ONCE - 1].pk if len(rows) > AT_ONCE else None)
