"""What was, newest first, a page at a time."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from sehat.consultation import queries as consultations
from sehat.consultation.models import Consultation
from sehat.consultation.rules import PutBack
from sehat.kernel.paging import cut
from sehat.kernel.prepared import prepared
from sehat.letters import queries as letters
from sehat.letters.models import Letter
from sehat.prescription import queries as prescriptions
from sehat.prescription.models import Prescription
from sehat.registration.models import Patient

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

AT_ONCE = 10
NEWEST = 2**63 - 1
"""A key above every row's."""
ENDED_BECAUSE = {
    PutBack.LINE: _("The line was too bad. You kept your place."),
    PutBack.ABSENT: _("The doctor could not reach you. You kept your place."),
    PutBack.LATER: _("You asked for a later call. You kept your place."),
    PutBack.GONE: _("The doctor had to leave. You kept your place."),
}
"""Why a consultation ended without a prescription, as its patient is told."""


@dataclass(frozen=True)
class Visit:
    """A prescription with the letters of its consultation."""

    prescription: Prescription
    letters: list[Letter]


@dataclass(frozen=True)
class Unprescribed:
    """A consultation that ended without a prescription, why, and its letters."""

    consultation: Consultation
    why: "StrOrPromise"
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
    shown, older = cut(_page(patient.pk, before or NEWEST), AT_ONCE)
    if lines:
        prefetch_related_objects(shown, "lines")
    beside = letters.of_consultations(row.consultation_id for row in shown) if shown else {}
    return Past(
        visits=[Visit(row, beside.get(row.consultation_id, [])) for row in shown],
        older=older,
        letters=letters.alone(patient) if before is None else [],
    )


def unprescribed_of(patient: Patient, *, before: int | None = None) -> tuple[list[Unprescribed], int | None]:
    """The patient's consultations that ended without a prescription, newest first, and the key to go on with."""
    shown, older = cut(consultations.put_back_of(patient).filter(pk__lt=before or NEWEST)[: AT_ONCE + 1], AT_ONCE)
    beside = letters.of_consultations(row.pk for row in shown) if shown else {}
    found = [Unprescribed(row, ENDED_BECAUSE[PutBack(row.put_back_reason)], beside.get(row.pk, [])) for row in shown]
    return found, older
