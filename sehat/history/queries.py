"""What was, newest first, a page at a time."""

from dataclasses import dataclass, field

from django.db.models import QuerySet, prefetch_related_objects

from sehat.kernel.prepared import prepared
from sehat.letters import queries as letters
from sehat.letters.models import Letter
from sehat.prescription import queries as prescriptions
from sehat.prescription.models import Prescription
from sehat.registration.models import Patient

AT_ONCE = 10
NEWEST = 2**63 - 1
"""A key above every row's."""


@dataclass(frozen=True)
class Visit:
    """A prescription with the letters of its consultation."""

    prescription: Prescription
    letters: list[Letter]


@dataclass(frozen=True)
class Past:
    """Some visits, and the key to go on with (`older`), None at the end. `letters` are those of consultations
    without a prescription, on the first page.
    """

    visits: list[Visit]
    older: int | None
    letters: list[Letter] = field(default_factory=list)


@prepared
def _page(patient: int, before: int) -> QuerySet[Prescription]:
    return prescriptions.of_patient(patient).filter(pk__lt=before).select_related("consultation")[: AT_ONCE + 1]


def past_of(patient: Patient, *, before: int | None = None, lines: bool = False) -> Past:
    """The patient's past consultations, each with its prescription; `lines` brings the medicines along."""
    rows = _page(patient.pk, before or NEWEST)
    shown = rows[:AT_ONCE]
    if lines:
        prefetch_related_objects(shown, "lines")
    beside = letters.of_consultations(row.consultation_id for row in shown) if shown else {}
    return Past(
        visits=[Visit(row, beside.get(row.consultation_id, [])) for row in shown],
        older=rows[AT_ONCE - 1].pk if len(rows) > AT_ONCE else None,
        letters=letters.alone(patient) if before is None else [],
    )
