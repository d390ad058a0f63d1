"""What a doctor finds when the form opens: what is known of the patient from before."""

from dataclasses import dataclass
from datetime import date, datetime

from sehat.consultation.models import Consultation
from sehat.prescription import noting, queries
from sehat.prescription.formulary import formulary
from sehat.prescription.guidelines import CHRONIC, Pregnancy
from sehat.prescription.judging import is_minor
from sehat.prescription.models import Prescription
from sehat.registration.rules import SpecialNeed
from sehat.tokens.models import Token


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the doctor who referred the patient made of the signs of an emergency."""

    doctor: str
    at: datetime
    no_emergency: bool


@dataclass(frozen=True, slots=True)
class Brief:
    """The patient in a glance; `verdict` where signs were told and another doctor has seen the patient for them."""

    allergies: list[str]
    allergies_asked: bool
    in_use: list[str]
    last: Prescription | None
    verdict: Verdict | None


def brief(consultation: Consultation, *, today: date) -> Brief:
    """Allergies, medicines in use and the last valid prescription."""
    before = queries.last_before(consultation)
    allergies = noting.allergies_of(consultation.token.patient_id)
    asked = bool(allergies) or (before is not None and queries.was_asked_for_allergies(consultation))
    return Brief(allergies, asked, _in_use(before), before, _verdict(consultation.token))


def _verdict(token: Token) -> Verdict | None:
    if not token.is_emergency or token.referred_from_id is None:
        return None
    referral = queries.of_token(token.referred_from_id)
    if referral is None:
        return None
    doctor, cleared = referral.people["doctor"]["name"], bool(referral.clinical.get("no_emergency"))
    return Verdict(doctor, referral.issued_at, cleared)


def _in_use(before: Prescription | None) -> list[str]:
    """What was taken at the last visit, and what was prescribed then for a chronic illness."""
    if before is None:
        return []
    written = list(before.clinical.get("in_use", ()))
    known = {substance for words in written for one in formulary().recognise(words) for substance in one.substances}
    for line in before.lines.all():
        medicine = formulary().get(line.code)
        if medicine and medicine.list in CHRONIC and not medicine.substances <= known:
            written.append(f"{line.generic} {line.strength}")
    return written


def body(consultation: Consultation, *, today: date) -> dict[str, list[str]]:
    """A form that nobody has written in yet."""
    token, known = consultation.token, brief(consultation, today=today)
    none_known = known.allergies_asked and not known.allergies
    begun = {
        "complaint": [token.complaint_in_full],
        "allergies": ["none" if none_known else ", ".join(known.allergies)],
        "in_use": [", ".join(known.in_use)],
        "pregnancy": [Pregnancy.PREGNANT if token.patient.special_need == SpecialNeed.PREGNANCY else ""],
    }
    if known.last is not None and known.last.clinical.get("kidney_disease"):
        begun["kidney_disease"] = ["on"]
    # An adult has proved the mobile and told the age; of a minor somebody of age has to be asked.
    return begun if is_minor(token.patient, today) else begun | {"confirmed": ["on"]}
