"""Document bundles of a prescription by the NRCeS profiles of India's ABDM (clinical.md, "FHIR R4 documents").

Made and checked with the R4B models of `fhir.resources`, as the package keeps R4 no more: for the resources used
here, R4B is R4. `PrescriptionRecord` is what a pharmacy takes, `OPConsultRecord` the whole consultation.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sehat.papers.rules import Status
from sehat.prescription import fhir_clinical as clinical
from sehat.prescription import fhir_measured as measured
from sehat.prescription import fhir_people as people
from sehat.prescription.events import Beside, documented
from sehat.prescription.fhir_people import PROFILES, Resource, coded, moment, reference, resource, system
from sehat.prescription.models import Prescription

MEDIA_TYPE = "application/fhir+json"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"


class Record(StrEnum):
    """The two documents, by the word in their address."""

    PRESCRIPTION = "prescription"
    CONSULTATION = "consultation"


def bundle(prescription: Prescription, record: Record) -> bytes:
    """The document as JSON. The prescription should come with `queries.whole`; reads its PDF from the storage."""
    with prescription.file.open("rb") as file:
        pdf = file.read()
    return _MAKERS[record](prescription, pdf)


def file_name(prescription: Prescription, record: Record) -> str:
    """Under which the document is downloaded: `RX-7K3M-9QTD-2.prescription.fhir.json`."""
    return f"{prescription.number}.{record}.fhir.json"


def _prescription_record(prescription: Prescription, pdf: bytes) -> bytes:
    diagnoses = clinical.diagnoses(prescription)
    entries = [*clinical.medications(prescription, diagnoses), clinical.paper(prescription, pdf)]
    kind = coded("440545006", "Prescription record")
    section = {"title": "Prescription record", "code": kind, "entry": [reference(entry) for entry in entries]}
    composition = _composition(prescription, Record.PRESCRIPTION, "PrescriptionRecord", kind, [section])
    return _document(prescription, Record.PRESCRIPTION, composition, diagnoses, entries)


def _consultation_record(prescription: Prescription, pdf: bytes) -> bytes:
    diagnoses = clinical.diagnoses(prescription)
    answers: list[tuple[Any, Any]] = documented.send(Prescription, prescription=prescription)
    beside: list[Beside] = [answer for _room, answer in answers]
    sections = {
        ("422843007", "Chief complaint section"): clinical.complaints(prescription),
        ("425044008", "Physical exam section"): [*clinical.findings(prescription), *measured.vitals(prescription)],
        ("722446000", "Allergy record"): clinical.allergies(prescription),
        ("371529009", "History and physical report"): measured.history(prescription),
        ("721963009", "Order document"): clinical.investigations(prescription),
        ("721912009", "Medication summary document"): [
            *clinical.medications(prescription, diagnoses),
            *measured.in_use(prescription),
        ],
        ("390906007", "Follow-up encounter"): clinical.follow_up(prescription),
        ("306206005", "Referral to service"): [
            *clinical.referral(prescription),
            *(request for one in beside for request in one.referrals),
        ],
        ("404684003", "Clinical finding"): measured.others(prescription),
        ("371530004", "Clinical consultation report"): [
            clinical.document(prescription, pdf),
            *(document for one in beside for document in one.documents),
        ],
    }
    shown = [
        {"title": display, "code": coded(code, display), "entry": [reference(entry) for entry in entries]}
        for (code, display), entries in sections.items()
        if entries
    ]
    kind = coded("371530004", "Clinical consultation report")
    composition = _composition(prescription, Record.CONSULTATION, "OPConsultRecord", kind, shown)
    return _document(
        prescription,
        Record.CONSULTATION,
        composition,
        diagnoses,
        [entry for entries in sections.values() for entry in entries],
        changes=[at for one in beside for at in one.changes],
    )


_MAKERS: dict[Record, Callable[[Prescription, bytes], bytes]] = {
    Record.PRESCRIPTION: _prescription_record,
    Record.CONSULTATION: _consultation_record,
}


def _composition(
    prescription: Prescription, record: Record, profile: str, kind: Resource, sections: list[Resource]
) -> Resource:
    revoked, replaced = prescription.status == Status.REVOKED, prescription.replaces
    content = resource(
        "Composition",
        f"{prescription.ref}/{record}",
        identifier={"system": system(record), "value": prescription.number},
        status="entered-in-error" if revoked else "amended" if replaced else "final",
        type=kind,
        subject=reference(people.patient(prescription), prescription.people["patient"]["name"]),
        encounter=reference(people.encounter(prescription, [])),
        date=moment(prescription.issued_at),
        author=[reference(people.practitioner(prescription), prescription.people["doctor"]["name"])],
        title=f"{kind['text']} {prescription.number}",
        custodian=reference(people.organization(prescription)),
        relatesTo=[
            {
                "code": "replaces",
                "targetIdentifier": {"system": system(record), "value": replaced.number},
            }
        ]
        if replaced
        else None,
        section=sections,
    )
    return content | {"meta": {"profile": [f"{PROFILES}{profile}"]}}


def _document(
    prescription: Prescription,
    record: Record,
    composition: Resource,
    diagnoses: list[Resource],
    entries: list[Resource],
    changes: Sequence[datetime] = (),
) -> bytes:
    """The composition first, then all that it names; checked against FHIR's own rules. Each of the `changes` after
    the issue makes a new version of the document.
    """
    # Pydantic and the models take a second to import: only a process that hands documents out pays for it.
    from fhir.resources.R4B.bundle import Bundle

    later = [at for at in changes if at > prescription.issued_at]
    if prescription.revoked_at:
        later.append(prescription.revoked_at)
    changed = max(later, default=prescription.issued_at)
    named = [
        composition,
        people.patient(prescription),
        people.practitioner(prescription),
        people.organization(prescription),
        people.encounter(prescription, diagnoses),
        *diagnoses,
        *entries,
    ]
    content: dict[str, Any] = {
        "resourceType": "Bundle",
        "id": people.urn("bundle", f"{prescription.ref}/{record}").removeprefix("urn:uuid:"),
        "meta": {
            "versionId": str(1 + len(later)),
            "lastUpdated": moment(changed),
            "profile": [f"{PROFILES}DocumentBundle"],
            "security": [{"system": CONFIDENTIALITY, "code": "V", "display": "very restricted"}],
        },
        "identifier": {"system": system(f"{record}-document"), "value": prescription.number},
        "type": "document",
        "timestamp": moment(changed),
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in named],
    }
    return Bundle.model_validate(content).model_dump_json(exclude_none=True, indent=None).encode()
