"""Document bundles of a consultation by the NRCeS profiles of India's ABDM (clinical.md, "FHIR R4 documents").

Made and checked with the R4B models of `fhir.resources`, as the package keeps R4 no more: for the resources used
here, R4B is R4. `PrescriptionRecord` is what a pharmacy takes, `OPConsultRecord` the whole consultation.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sehat.consultation.models import Consultation
from sehat.papers.rules import Status
from sehat.prescription import fhir_clinical as clinical
from sehat.prescription import fhir_measured as measured
from sehat.prescription import fhir_people as people
from sehat.prescription import queries
from sehat.prescription.events import Beside, documented
from sehat.prescription.fhir_people import PROFILES, Resource, coded, moment, reference, resource, system
from sehat.prescription.models import Prescription
from sehat.prescription.told import Told, unprescribed

MEDIA_TYPE = "application/fhir+json"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"

EXAMINATION = ("425044008", "Physical exam section")
HISTORY = ("371529009", "History and physical report")
ORDERS = ("721963009", "Order document")
MEDICATIONS = ("721912009", "Medication summary document")
FOLLOW_UP = ("390906007", "Follow-up encounter")
COMPLAINTS = ("422843007", "Chief complaint section")
ALLERGIES = ("722446000", "Allergy record")
REFERRAL = ("306206005", "Referral to service")
OBSERVATIONS = ("404684003", "Clinical finding")
DOCUMENTS = ("371530004", "Clinical consultation report")
IN_ORDER = (
    COMPLAINTS,
    EXAMINATION,
    ALLERGIES,
    HISTORY,
    ORDERS,
    MEDICATIONS,
    FOLLOW_UP,
    REFERRAL,
    OBSERVATIONS,
    DOCUMENTS,
)
"""The sections of an OPConsultRecord by SNOMED code."""

Sections = dict[tuple[str, str], list[Resource]]


class Record(StrEnum):
    """The two documents, by the word in their address."""

    PRESCRIPTION = "prescription"
    CONSULTATION = "consultation"


class Document(NamedTuple):
    """A document and the name of its file."""

    name: str
    content: bytes


def bundle(prescription: Prescription, record: Record) -> bytes:
    """The document as JSON. The prescription should come with `queries.whole`; reads its PDF from the storage."""
    with prescription.file.open("rb") as file:
        pdf = file.read()
    return _MAKERS[record](prescription, pdf)


def record_of(consultation: Consultation) -> Document | None:
    """The whole consultation, by its last prescription; where it ended without one: what the token told, known
    allergies and letters. None as long as it goes on with nothing issued.
    """
    if prescription := queries.last_of_consultation(consultation):
        return Document(file_name(prescription, Record.CONSULTATION), bundle(prescription, Record.CONSULTATION))
    if consultation.ended_at is None:
        return None
    told = unprescribed(consultation, ended=consultation.ended_at)
    beside = _beside(told)
    return Document(file_name(told, Record.CONSULTATION), _op_consult(told, _sections(told, beside), beside, []))


def file_name(told: Told, record: Record) -> str:
    """Under which the document is downloaded: `RX-7K3M-9QTD-2.prescription.fhir.json`."""
    return f"{told.number}.{record}.fhir.json"


def _prescription_record(prescription: Prescription, pdf: bytes) -> bytes:
    diagnoses = clinical.diagnoses(prescription)
    entries = [*clinical.medications(prescription, diagnoses), clinical.paper(prescription, pdf)]
    kind = coded("440545006", "Prescription record")
    section = {"title": "Prescription record", "code": kind, "entry": [reference(entry) for entry in entries]}
    composition = _composition(prescription, Record.PRESCRIPTION, "PrescriptionRecord", kind, [section])
    return _document(prescription, Record.PRESCRIPTION, composition, diagnoses, entries)


def _consultation_record(prescription: Prescription, pdf: bytes) -> bytes:
    diagnoses, beside = clinical.diagnoses(prescription), _beside(prescription)
    sections = _sections(prescription, beside)
    sections[EXAMINATION] = [*clinical.findings(prescription), *measured.vitals(prescription)]
    sections[HISTORY] = measured.history(prescription)
    sections[ORDERS] = clinical.investigations(prescription)
    sections[MEDICATIONS] = [*clinical.medications(prescription, diagnoses), *measured.in_use(prescription)]
    sections[FOLLOW_UP] = clinical.follow_up(prescription)
    sections[REFERRAL] = [*clinical.referral(prescription), *sections[REFERRAL]]
    sections[DOCUMENTS] = [clinical.document(prescription, pdf), *sections[DOCUMENTS]]
    return _op_consult(prescription, sections, beside, diagnoses)


_MAKERS: dict[Record, Callable[[Prescription, bytes], bytes]] = {
    Record.PRESCRIPTION: _prescription_record,
    Record.CONSULTATION: _consultation_record,
}


def _beside(told: Told) -> list[Beside]:
    answers: list[tuple[Any, Any]] = documented.send(Consultation, told=told)
    return [answer for _room, answer in answers]


def _sections(told: Told, beside: list[Beside]) -> Sections:
    """What every consultation can tell, with or without a prescription; the sections in their order."""
    return {section: [] for section in IN_ORDER} | {
        COMPLAINTS: clinical.complaints(told),
        ALLERGIES: clinical.allergies(told),
        REFERRAL: [request for one in beside for request in one.referrals],
        OBSERVATIONS: measured.others(told),
        DOCUMENTS: [document for one in beside for document in one.documents],
    }


def _op_consult(told: Told, sections: Sections, beside: list[Beside], diagnoses: list[Resource]) -> bytes:
    shown = [
        {"title": display, "code": coded(code, display), "entry": [reference(entry) for entry in entries]}
        for (code, display), entries in sections.items()
        if entries
    ]
    kind = coded("371530004", "Clinical consultation report")
    return _document(
        told,
        Record.CONSULTATION,
        _composition(told, Record.CONSULTATION, "OPConsultRecord", kind, shown),
        diagnoses,
        [entry for entries in sections.values() for entry in entries],
        changes=[at for one in beside for at in one.changes],
    )


def _composition(told: Told, record: Record, profile: str, kind: Resource, sections: list[Resource]) -> Resource:
    replaced = told.replaces if isinstance(told, Prescription) else None
    content = resource(
        "Composition",
        f"{told.ref}/{record}",
        identifier={"system": system(record), "value": told.number},
        status="entered-in-error" if told.status == Status.REVOKED else "amended" if replaced else "final",
        type=kind,
        subject=reference(people.patient(told), told.people["patient"]["name"]),
        encounter=reference(people.encounter(told, [])),
        date=moment(told.issued_at),
        author=[reference(people.practitioner(told), told.people["doctor"]["name"])],
        title=f"{kind['text']} {told.number}",
        custodian=reference(people.organization(told)),
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
    told: Told,
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

    later = [at for at in changes if at > told.issued_at]
    if isinstance(told, Prescription) and told.revoked_at:
        later.append(told.revoked_at)
    changed = max(later, default=told.issued_at)
    named = [
        composition,
        people.patient(told),
        people.practitioner(told),
        people.organization(told),
        people.encounter(told, diagnoses),
        *diagnoses,
        *entries,
    ]
    content: dict[str, Any] = {
        "resourceType": "Bundle",
        "id": people.urn("bundle", f"{told.ref}/{record}").removeprefix("urn:uuid:"),
        "meta": {
            "versionId": str(1 + len(later)),
            "lastUpdated": moment(changed),
            "profile": [f"{PROFILES}DocumentBundle"],
            "security": [{"system": CONFIDENTIALITY, "code": "V", "display": "very restricted"}],
        },
        "identifier": {"system": system(f"{record}-document"), "value": told.number},
        "type": "document",
        "timestamp": moment(changed),
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in named],
    }
    return Bundle.model_validate(content).model_dump_json(exclude_none=True, indent=None).encode()
