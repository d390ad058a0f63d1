"""What a doctor has written, understood: the line between forms and services."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from sehat.papers.said import Said
from sehat.prescription import course, phrases
from sehat.prescription.course import Step
from sehat.prescription.diagnoses import Diagnosis
from sehat.prescription.dosage import Food, Frequency, Quantity
from sehat.prescription.formulary import Medicine

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
    """One medicine and how it is taken; `dose` as `dosage.clean_dose` gives it. Of a taper, the first step, and
    `then` the others.
    """

    medicine: Medicine
    dose: str
    frequency: Frequency
    food: Food
    days: int
    instructions: str = ""
    then: tuple[Step, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """The whole course; one step for most medicines."""
        return (Step(self.dose, self.frequency, self.days), *self.then)

    @property
    def days_in_all(self) -> int:
        """How long the whole course lasts."""
        return sum(step.days for step in self.steps)

    @property
    def quantity(self) -> Quantity:
        """What the store hands out."""
        return course.quantity(form=self.medicine.form, steps=self.steps)

    @property
    def counted(self) -> Said:
        """The quantity in words."""
        return phrases.counted(self.quantity.amount, self.quantity.unit)

    @property
    def said(self) -> Said:
        """How to take it, in a sentence."""
        return phrases.course(form=self.medicine.form, steps=self.steps, food=self.food)


@dataclass(frozen=True, slots=True)
class Clinical:
    """What the doctor has asked and measured, beside complaint and findings."""

    history: str = ""
    allergies: tuple[str, ...] | None = None
    """None: not asked. Empty: none known."""
    in_use: tuple[str, ...] = ()
    """Medicines that the patient takes already, in the doctor's words."""
    vitals: Mapping[str, float] = field(default_factory=dict)
    """By the names of `vitals.RANGES`."""
    pregnancy: str = ""
    lmp: date | None = None
    kidney_disease: bool = False
    seen_on: date | None = None
    """When the doctor saw the patient in person for this condition."""
    confirmed: bool = True
    """Identity and age."""
    no_emergency: bool = False
    """Signs of an emergency were ticked with the token; the doctor has looked into them."""
    symptoms: tuple[str, ...] = ()
    """The complaint as codes of ICD-10, where the doctor has chosen some."""
    adult_name: str = ""
    adult_relation: str = ""
    adult_identity: str = ""
    """Which card was shown; it is kept and does not stand on the sheet."""

    @property
    def adult_known(self) -> bool:
        """Whether name, relation and identity of the adult beside a minor are recorded."""
        return bool(self.adult_name and self.adult_relation and self.adult_identity)

    @property
    def kept(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {
            name: list(value) if isinstance(value, tuple) else value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Clinical":
        """Out of what was kept; nothing where nothing was (a prescription of before)."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
        }
        for name in ("lmp", "seen_on"):
            if values.get(name):
                values[name] = date.fromisoformat(values[name])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Written:
    """A whole prescription, ready to be issued."""

    complaint: str
    diagnoses: tuple[Diagnosis, ...]
    lines: tuple[LineWritten, ...]
    findings: str = ""
    investigations: str = ""
    advice: str = ""
    red_flags: str = ""
    """What to come back for at once, a line each."""
    follow_up_on: date | None = None
    referral: Referral | None = None
    outcome: str = ""
    """`rules.WITHOUT_MEDICINES`, where the doctor chose one; the others follow from the sheet itself."""
    reason: str = ""
    clinical: Clinical = field(default_factory=Clinical)
    overrule: str = ""
    """Why a rule is not followed, where AFMS allows that."""
