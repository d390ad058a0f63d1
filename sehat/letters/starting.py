"""What a letter's form holds when it opens: what is known of the consultation."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sehat.clinic import queries as clinic
from sehat.clinic.models import Opd
from sehat.consultation.models import Consultation
from sehat.kernel.ids import new_ref
from sehat.letters.rules import Purpose, Reason, Rest, Urgency
from sehat.prescription import noting
from sehat.prescription import queries as prescriptions
from sehat.prescription.diagnoses import classification
from sehat.prescription.facts import facts
from sehat.prescription.models import Prescription, PrescriptionLine
from sehat.prescription.paper import Paper
from sehat.prescription.writing import Clinical

NOT_IN_THE_HISTORY = frozenset({"Allergies", "Symptoms", "Adult present"})
"""Facts that have a place of their own, or that a colleague can do without."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What was written in the consultation, issued or not."""

    complaint: str = ""
    findings: str = ""
    diagnosis: str = ""
    department: str = ""
    reason: str = ""
    clinical: Clinical = field(default_factory=Clinical)
    treatment: str = ""


def initial(consultation: Consultation, purpose: Purpose, *, today: date) -> dict[str, Any]:
    """From the issued prescription, else from its draft; in an emergency to the nearest hospital, and today."""
    issued = prescriptions.of_consultation(consultation)
    known = _of_issued(issued) if issued else _of_draft(consultation, today)
    found = {"pressed": new_ref(), "diagnosis": known.diagnosis[:300]}
    if purpose is Purpose.SICK_LEAVE:
        return found | {"first": today.isoformat(), "rest": Rest.HOME, "reason": Reason.UNWELL}
    token = consultation.token
    emergency = token.is_emergency and not known.clinical.no_emergency
    nearest = clinic.nearest_hospital(token.patient.state, token.patient.city) if emergency else None
    allergies = known.clinical.allergies or noting.allergies_of(token.patient_id)
    return found | {
        "hospital": (nearest or consultation.doctor.hospital).name,
        "department": known.department,
        "urgency": Urgency.TODAY if emergency else "",
        "reason": known.reason,
        "history": _history(known),
        "treatment": known.treatment,
        "allergies": ", ".join(allergies),
    }


def _of_issued(issued: Prescription) -> _Known:
    referral = issued.referral or {}
    return _Known(
        complaint=issued.complaint,
        findings=issued.findings,
        diagnosis="; ".join(one["name"] for one in issued.diagnoses),
        department=referral.get("english", ""),
        reason=referral.get("note", ""),
        clinical=Clinical.of(issued.clinical),
        treatment="\n".join(_medicine(line) for line in issued.lines.all()),
    )


def _of_draft(consultation: Consultation, today: date) -> _Known:
    token, draft = consultation.token, prescriptions.draft_of(consultation)
    if draft is None or not draft.body:
        return _Known(complaint=f"{token.complaint} ({token.duration})" if token.duration else token.complaint)
    paper = Paper(draft.body, today=today, opd=token.opd, patient=token.patient, is_emergency=token.is_emergency)
    opd = Opd.objects.filter(code=paper.text("refer_to")).first() if paper.text("refer_to") else None
    chosen = ((known.name if (known := classification().get(value)) else value) for value in paper.chosen)
    return _Known(
        complaint=paper.text("complaint"),
        findings=paper.text("findings"),
        diagnosis="; ".join(chosen),
        department=opd.name if opd else "",
        reason=paper.text("referral_note"),
        clinical=paper.stated,
    )


def _history(known: _Known) -> str:
    """Complaint and findings, and what was asked and measured, a line each."""
    asked = [
        f"{fact.label.english}: {fact.text.english}"
        for fact in facts(known.clinical)
        if fact.label.english not in NOT_IN_THE_HISTORY
    ]
    return "\n".join(part for part in (known.complaint, known.findings, *asked) if part)[:2000]


def _medicine(line: PrescriptionLine) -> str:
    how = line.schedule if line.taper else f"{line.dose}, {line.frequency}, {line.days} d"
    return f"{line.generic.upper()} {line.form} {line.strength}, {how}"
