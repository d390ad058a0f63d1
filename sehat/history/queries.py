"""What was, newest first, a page at a time."""

from dataclasses import dataclass, field

from sehat.letters import queries as letters
from sehat.letters.models import Letter
from sehat.prescription import queries as prescriptions
from sehat.prescription.models import Prescription
from sehat.registration.models import Patient

AT_ONCE = 10


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


def past_of(patient: Patient | int, *, before: int | None = None, lines: bool = False) -> Past:
    """The patient's past consultations, each with its prescription; `lines` brings the medicines along."""
    found = prescriptions.of_patient(patient, before=before).select_related("consultation")
    if lines:
        found = found.prefetch_related("lines")
    rows = list(found[: AT_ONCE + 1])
    shown = rows[:AT_ONCE]
    beside = letters.of_consultations(row.consultation_id for row in shown)
    alone = letters.of_patient(patient).filter(consultation__prescriptions=None) if before is None else ()
    return Past(
        visits=[Visit(row, beside.get(row.consultation_id, [])) for row in shown],
        older=rows[AT_ONCE - 1].pk if len(rows) > AT_ONCE else None,
        letters=list(alone),
    )
