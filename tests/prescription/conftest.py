"""Dr Rao at the desk, with something to prescribe."""

from datetime import date, datetime

import pytest

from sehat.clinic.models import Doctor
from sehat.consultation.models import Consultation
from sehat.prescription import dosage, services
from sehat.prescription.diagnoses import classification
from sehat.prescription.dosage import Food
from sehat.prescription.formulary import formulary
from sehat.prescription.models import Prescription
from sehat.prescription.writing import LineWritten, Written
from tests.consultation.conftest import doctors_browser, meet, met, patients_browser

__all__ = ["doctors_browser", "meet", "met", "patients_browser"]


def line(
    code: str,
    frequency: str = "1-0-1",
    *,
    days: int = 5,
    dose: str = "",
    food: Food = Food.AFTER,
    instructions: str = "",
) -> LineWritten:
    """One medicine, as the form understands it."""
    medicine = formulary().get(code)
    assert medicine is not None, code
    return LineWritten(
        medicine=medicine,
        dose=dose or medicine.usual_dose,
        frequency=dosage.parse_frequency(frequency),
        food=food,
        days=days,
        instructions=instructions,
    )


@pytest.fixture
def written() -> Written:
    """A fever, two medicines."""
    fever = classification().get("R50.9")
    assert fever is not None
    return Written(
        complaint="Fever (3 days)",
        findings="Throat red",
        diagnoses=(fever,),
        lines=(
            line("paracetamol-tablet-500-mg", "1-1-1"),
            line("cetirizine-tablet-10-mg", "0-0-0-1", food=Food.ANY, instructions="Drink plenty of water"),
        ),
        advice="Rest\nकल फिर फ़ोन करें",
        red_flags="Breathlessness\nNeck stiff",
        follow_up_on=date(2026, 11, 30),
    )


@pytest.fixture
def issued(met: Consultation, dr_rao: Doctor, written: Written, ten_o_clock: datetime) -> Prescription:
    """Asha's prescription."""
    return services.issue(consultation=met, doctor=dr_rao, written=written, now=ten_o_clock)
