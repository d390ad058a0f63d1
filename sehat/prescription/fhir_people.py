"""Who and where, as FHIR resources: patient, practitioner, organization, encounter (clinical.md, "FHIR R4 documents").

Names stand as they were on the day of issue; only what the sheet has no code for (gender, date of birth, service)
is read from the rows of today.
"""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import override

from sehat.consultation.models import Consultation
from sehat.consultation.rules import Outcome, PutBack
from sehat.kernel.clock import INDIA
from sehat.prescription.told import Told
from sehat.registration.rules import Gender

PROFILES = "https://nrces.in/ndhm/fhir/r4/StructureDefinition/"
SNOMED = "http://snomed.info/sct"
IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
ACT_CODES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"

GENDERS = {Gender.FEMALE: "female", Gender.MALE: "male", Gender.OTHER: "other"}

Resource = dict[str, Any]


def system(name: str) -> str:
    """The namespace of the portal's own numbers of that name."""
    return f"{settings.PUBLIC_URL}/fhir/{name}"


def urn(kind: str, key: object) -> str:
    """The address of a resource inside documents: the same in each that names the same thing."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{system(kind)}/{key}')}"


def coded(code: str, display: str, *, text: str = "", of: str = SNOMED) -> Resource:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": of, "code": code, "display": display}], "text": text or display}


def reference(resource: Resource, display: str = "") -> Resource:
    """A Reference to a resource of the same document."""
    to: Resource = {"reference": f"urn:uuid:{resource['id']}"}
    return to | {"display": display} if display else to


def resource(kind: str, key: object, **content: Any) -> Resource:
    """A resource with its id and, under its NRCeS name, its profile; what is empty is left out."""
    named = {
        "resourceType": kind,
        "id": urn(kind, key).removeprefix("urn:uuid:"),
        "meta": {"profile": [f"{PROFILES}{kind}"]},
    }
    return named | {name: value for name, value in content.items() if value not in ("", None, [], {})}


def moment(at: datetime) -> str:
    """An instant in India's time, to the second."""
    return at.astimezone(INDIA).isoformat(timespec="seconds")


def patient(told: Told) -> Resource:
    """The patient, under the Patient ID."""
    person, shown = told.patient, told.people["patient"]
    born = person.date_of_birth
    return resource(
        "Patient",
        person.patient_id,
        identifier=[_identifier("MR", "Medical record number", "patient-id", person.patient_id)],
        name=[{"text": shown["name"]}],
        telecom=[{"system": "phone", "value": f"+91{person.mobile}", "use": "mobile"}],
        gender=GENDERS[Gender(person.gender)],
        # A year is all that is known of somebody who told an age.
        birthDate=f"{born:%Y}" if person.only_age_known else born.isoformat(),
        address=[{"text": shown["address"], "country": "IN"}],
    )


def practitioner(told: Told) -> Resource:
    """The doctor, under the registration number of the medical council."""
    shown = told.people["doctor"]
    number = _identifier("MD", "Medical License number", "registration", shown["registration"])
    return resource(
        "Practitioner",
        f"{shown['council']}/{shown['registration']}",
        identifier=[number | {"assigner": {"display": shown["council"]}}],
        name=[{"text": shown["name"]}],
        qualification=[{"code": {"text": shown["qualification"]}}],
    )


def organization(told: Told) -> Resource:
    """The hospital."""
    hospital = told.consultation.doctor.hospital
    return resource(
        "Organization",
        hospital.pk,
        identifier=[_identifier("PRN", "Provider number", "hospital", str(hospital.pk))],
        name=told.people["hospital"],
        telecom=[{"system": "phone", "value": hospital.phone}] if hospital.phone else None,
    )


def encounter(told: Told, diagnoses: list[Resource]) -> Resource:
    """The consultation over the line: class VR."""
    consultation: Consultation = told.consultation
    ended = consultation.ended_at or consultation.completed_at or told.issued_at
    return resource(
        "Encounter",
        consultation.ref,
        status=_state(consultation),
        identifier=[{"system": system("consultation"), "value": str(consultation.pk)}],
        **{"class": {"system": ACT_CODES, "code": "VR", "display": "virtual"}},
        serviceType={"text": told.people["opd"]["english"]},
        subject=reference(patient(told)),
        participant=[{"individual": reference(practitioner(told))}],
        period={"start": moment(consultation.started_at), "end": moment(ended) if consultation.ended_at else None},
        diagnosis=[{"condition": reference(condition)} for condition in diagnoses],
        hospitalization=_disposition(consultation),
        serviceProvider=reference(organization(told)),
    )


def _state(consultation: Consultation) -> str:
    if consultation.ended_at is None:
        return "in-progress"
    # Nobody was met: FHIR's word for an encounter that ended before it began.
    return "cancelled" if consultation.put_back_reason == PutBack.ABSENT else "finished"


def _disposition(consultation: Consultation) -> Resource | None:
    """Where the patient went from there, if not home with a prescription."""
    if consultation.outcome != Outcome.PUT_BACK:
        return None
    with override("en"):
        why = consultation.get_put_back_reason_display()
    return {"dischargeDisposition": {"text": f"Back into the queue: {why}"}}


def _identifier(code: str, display: str, name: str, value: str) -> Resource:
    return {"type": coded(code, display, of=IDENTIFIER_TYPES), "system": system(name), "value": value}
