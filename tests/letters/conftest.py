"""Dr Rao writes letters for Asha."""

from datetime import date, datetime

import pytest

from sehat.clinic.models import Doctor
from sehat.consultation.models import Consultation
from sehat.kernel.ids import new_ref
from sehat.letters import services
from sehat.letters.models import Letter
from sehat.letters.rules import Reason, Rest, Urgency
from sehat.letters.writing import ReferralLetter, SickLeave
from tests.prescription.conftest import doctors_browser, issued, meet, met, patients_browser, written

__all__ = ["doctors_browser", "issued", "meet", "met", "patients_browser", "written"]


@pytest.fixture
def referral() -> ReferralLetter:
    """To the surgeons, today."""
    return ReferralLetter(
        department="Surgery",
        hospital="Command Hospital, Shantipur",
        urgency=Urgency.TODAY,
        reason="Appendicitis to be excluded",
        diagnosis="Acute abdomen",
        history="Fever, vomited twice",
        allergies="penicillin",
    )


@pytest.fixture
def leave() -> SickLeave:
    """Three days at home; the patient wants no diagnosis on it."""
    return SickLeave(date(2026, 11, 23), date(2026, 11, 25), Rest.HOME, Reason.UNWELL, service_number="15483027X")


@pytest.fixture
def letter(met: Consultation, dr_rao: Doctor, referral: ReferralLetter, ten_o_clock: datetime) -> Letter:
    """Asha's referral letter."""
    return services.issue(consultation=met, doctor=dr_rao, content=referral, pressed=new_ref(), now=ten_o_clock)


@pytest.fixture
def advised(met: Consultation, dr_rao: Doctor, leave: SickLeave, ten_o_clock: datetime) -> Letter:
    """Asha's sick leave."""
    return services.issue(consultation=met, doctor=dr_rao, content=leave, pressed=new_ref(), now=ten_o_clock)
