"""Makes a prescription: its row, its lines and its signed PDF in the storage; and stores the rows."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Thread
from typing import Any

from django.utils.translation import override

from sehat.clinic.queries import nearest_hospital
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Mode
from sehat.kernel.ids import new_ref
from sehat.kernel.rows import insert
from sehat.papers import making as papers
from sehat.papers import signing
from sehat.papers.people import people_of
from sehat.papers.rules import Kind
from sehat.papers.statement import salt_of
from sehat.prescription import document, rules
from sehat.prescription.diagnoses import classification
from sehat.prescription.formulary import formulary
from sehat.prescription.models import Prescription, PrescriptionLine
from sehat.prescription.sheets import kept_lines, sheet_of
from sehat.prescription.writing import Clinical, Written


@cache
def warm_up() -> None:
    """Load the searches, the printer and the signer in a thread of its own, once a process, when a doctor opens
    the form: else the first *Issue prescription* of the process would wait 1.5 s for them.
    """
    Thread(target=_load, name="printer", daemon=True).start()


def _load() -> None:
    formulary()
    classification()
    document.warm_up()
    signing.warm_up()


@dataclass(frozen=True, slots=True)
class Made:
    """A prescription that has its file but no row yet, and its lines."""

    prescription: Prescription
    lines: list[PrescriptionLine]


def emergency_of(consultation: Consultation, clinical: Clinical) -> dict[str, Any]:
    """The signs that were told with the token and where to go with them, to stand on the sheet; nothing where there are
    none, or where the doctor found that it is no emergency (clinical.md: advice, first aid and referral; 112).
    """
    token = consultation.token
    if not token.is_emergency or clinical.no_emergency:
        return {}
    with override("en"):
        english = token.red_flag_sentences
    with override("hi"):
        hindi = token.red_flag_sentences
    hospital = nearest_hospital(token.patient.state, token.patient.city)
    return {
        "emergency": {
            "english": "; ".join(english),
            "hindi": "; ".join(hindi),
            "hospital": ", ".join(part for part in (hospital.name, hospital.city, hospital.phone) if part)
            if hospital
            else "",
        }
    }


def make(
    *, consultation: Consultation, written: Written, mode: Mode, now: datetime, replaces: Prescription | None = None
) -> Made:
    """Make and sign the PDF and put it into the storage. `replaces` is the one that this amends."""
    prescription = Prescription(
        ref=new_ref(),
        number=papers.new_number(Prescription, Kind.PRESCRIPTION),
        consultation=consultation,
        patient=consultation.token.patient,
        issued_at=now,
        mode=mode,
        replaces=replaces,
        people=people_of(consultation, now=now) | emergency_of(consultation, written.clinical),
        complaint=written.complaint,
        findings=written.findings,
        diagnoses=[{"code": d.code, "name": d.name, "hindi": d.hindi} for d in written.diagnoses],
        investigations=written.investigations,
        advice=written.advice,
        red_flags=written.red_flags,
        follow_up_on=written.follow_up_on,
        referral=written.referral.kept if written.referral else None,
        outcome=rules.outcome_of(written.outcome, medicines=len(written.lines), referred=written.referral is not None),
        outcome_reason=written.reason,
        clinical=written.clinical.kept,
    )
    sheet = sheet_of(
        written,
        number=prescription.number,
        mode=mode,
        people=prescription.people,
        now=now,
        salt=salt_of(prescription.ref),
        replaces=replaces.number if replaces else "",
    )
    papers.sign_and_keep(prescription, document.make(sheet), reason=f"Prescription {prescription.number}")
    return Made(prescription, kept_lines(written))


def store(made: Made) -> Prescription:
    """Write the rows, inside the caller's transaction."""
    insert(made.prescription)
    for line in made.lines:
        line.prescription = made.prescription
    if made.lines:
        insert(*made.lines)
    return made.prescription
