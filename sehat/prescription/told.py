"""What the FHIR documents of a consultation are made from: its prescription, or what stands where none was issued."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sehat.consultation.models import Consultation
from sehat.papers.people import people_of
from sehat.papers.rules import Status
from sehat.registration.models import Patient


class Told(Protocol):
    """Who met, what was asked, and when it is told of. A `Prescription` is one."""

    @property
    def ref(self) -> str:
        """The key of the resources that belong to it."""

    @property
    def number(self) -> str:
        """What names its documents."""

    @property
    def status(self) -> str:
        """Whether it counts (papers.rules.Status)."""

    @property
    def issued_at(self) -> datetime:
        """The moment as of which it is told."""

    @property
    def consultation(self) -> Consultation:
        """The meeting."""

    @property
    def patient(self) -> Patient:
        """Whose record it is."""

    @property
    def people(self) -> dict[str, Any]:
        """Hospital, OPD, doctor and patient, as `people_of` has them."""

    @property
    def complaint(self) -> str:
        """What the patient came with."""

    @property
    def clinical(self) -> Mapping[str, Any]:
        """What was asked and measured (writing.Clinical)."""


@dataclass(frozen=True, slots=True)
class Unprescribed:
    """A consultation that ended without a prescription: what the token told of it, and the moment of its end. What
    the doctor had drafted was not issued, and stands in no record.
    """

    consultation: Consultation
    issued_at: datetime
    patient: Patient
    people: dict[str, Any]
    complaint: str
    status: str = Status.ISSUED
    clinical: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        """The consultation's own."""
        return self.consultation.ref

    @property
    def number(self) -> str:
        """It has none: the consultation's reference."""
        return self.consultation.ref


def unprescribed(consultation: Consultation, *, ended: datetime) -> Unprescribed:
    """That consultation, as its rows tell it."""
    token = consultation.token
    return Unprescribed(
        consultation=consultation,
        issued_at=ended,
        patient=token.patient,
        people=people_of(consultation, now=ended),
        complaint=token.complaint_in_full,
    )
