"""What a doctor has written, understood: the line between forms and services."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sehat.prescription import dosage, phrases
from sehat.prescription.diagnoses import Diagnosis
from sehat.prescription.dosage import Food, Frequency, Quantity
from sehat.prescription.formulary import Medicine
from sehat.prescription.phrases import Said

if TYPE_CHECKING:
    from sehat.clinic.models import Opd


@dataclass(frozen=True, slots=True)
class Referral:
    """Where else the patient is to be seen, and what the doctor there should know."""

    to: "Opd"
    note: str = ""

    @property
    def kept(self) -> dict[str, str]:
        """As it is kept with the prescription and stands on the sheet."""
        return {"opd": self.to.code, "english": self.to.name, "hindi": self.to.name_hi, "note": self.note}


@dataclass(frozen=True, slots=True)
class LineWritten:
    """One medicine and how it is taken; `dose` as `dosage.clean_dose` gives it."""

    medicine: Medicine
    dose: str
    frequency: Frequency
    food: Food
    days: int
    instructions: str = ""

    @property
    def quantity(self) -> Quantity:
        """What the store hands out."""
        return dosage.quantity(form=self.medicine.form, dose=self.dose, frequency=self.frequency, days=self.days)

    @property
    def counted(self) -> Said:
        """The quantity in words."""
        return phrases.counted(self.quantity.amount, self.quantity.unit)

    @property
    def said(self) -> Said:
        """How to take it, in a sentence."""
        return phrases.sentence(
            form=self.medicine.form,
            dose=self.dose,
            frequency=self.frequency,
            food=self.food,
            days=self.days,
        )


@dataclass(frozen=True, slots=True)
class Written:
    """A whole prescription, ready to be issued."""

    complaint: str
    diagnoses: tuple[Diagnosis, ...]
    lines: tuple[LineWritten, ...]
    findings: str = ""
    investigations: str = ""
    advice: str = ""
    follow_up_on: date | None = None
    referral: Referral | None = None
    outcome: str = ""
    """`rules.WITHOUT_MEDICINES`, where the doctor chose one; the others follow from the sheet itself."""
    reason: str = ""
