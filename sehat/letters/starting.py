"""What a letter's form holds when it opens: what is known of the consultation."""

from datetime import date
from typing import Any

from sehat.consultation.models import Consultation
from sehat.kernel.ids import new_ref
from sehat.letters.rules import Purpose, Reason, Rest
from sehat.prescription import noting
from sehat.prescription import queries as prescriptions
from sehat.prescription.diagnoses import classification
from sehat.prescription.models import Prescription


def initial(consultation: Consultation, purpose: Purpose, *, today: date) -> dict[str, Any]:
    """From the issued prescription, else from its draft."""
    issued = prescriptions.of_consultation(consultation)
    found = {"pressed": new_ref(), "diagnosis": _diagnosis(consultation, issued)}
    if purpose is Purpose.SICK_LEAVE:
        return found | {"first": today.isoformat(), "rest": Rest.HOME, "reason": Reason.UNWELL}
    return found | {
        "hospital": consultation.doctor.hospital.name,
        "history": _history(consultation, issued),
        "treatment": "\n".join(_medicine(line) for line in issued.lines.all()) if issued else "",
        "allergies": ", ".join(noting.allergies_of(consultation.token.patient_id)),
    }


def _diagnosis(consultation: Consultation, issued: Prescription | None) -> str:
    if issued:
        return "; ".join(one["name"] for one in issued.diagnoses)[:300]
    draft = prescriptions.draft_of(consultation)
    chosen = draft.body.get("chosen", []) if draft else []
    names = (known.name if (known := classification().get(value)) else value for value in chosen)
    return "; ".join(names)[:300]


def _history(consultation: Consultation, issued: Prescription | None) -> str:
    if issued:
        return "\n".join(part for part in (issued.complaint, issued.findings) if part)[:2000]
    token, draft = consultation.token, prescriptions.draft_of(consultation)
    body = draft.body if draft else {}
    complaint = f"{token.complaint} ({token.duration})" if token.duration else token.complaint
    parts = [*body.get("complaint", [complaint])[:1], *body.get("findings", [])[:1]]
    return "\n".join(part for part in parts if part)[:2000]


def _medicine(line: Any) -> str:
    how = line.schedule if line.taper else f"{line.dose}, {line.frequency}, {line.days} d"
    return f"{line.generic.upper()} {line.form} {line.strength}, {how}"
