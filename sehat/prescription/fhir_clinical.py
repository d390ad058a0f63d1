"""What was found and ordered, as FHIR resources (clinical.md, "FHIR R4 documents")."""

from base64 import b64encode
from datetime import datetime
from fractions import Fraction
from typing import Any

from sehat.papers.rules import Status
from sehat.prescription import phrases
from sehat.prescription.course import Step
from sehat.prescription.diagnoses import classification
from sehat.prescription.dosage import Food, Frequency, dose_units
from sehat.prescription.fhir_people import (
    Resource,
    coded,
    moment,
    patient,
    practitioner,
    reference,
    resource,
    system,
)
from sehat.prescription.models import Prescription, PrescriptionLine
from sehat.prescription.told import Told

ICD_10 = "http://hl7.org/fhir/sid/icd-10"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
ALLERGY_STATES = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
CONDITION_STATES = "http://terminology.hl7.org/CodeSystem/condition-clinical"

TIMES = ("MORN", "NOON", "NIGHT", "HS")
"""The four times of the day in FHIR's EventTiming."""


def complaints(told: Told) -> list[Resource]:
    """What the patient came with in words, and each symptom that was chosen by its code."""
    symptoms = [known for code in told.clinical.get("symptoms", ()) if (known := classification().get(code))]
    return [
        complaint(told),
        *(
            _condition(told, f"symptom-{place}", coded(one.code, one.name, of=ICD_10))
            for place, one in enumerate(symptoms)
        ),
    ]


def complaint(told: Told) -> Resource:
    """What the patient came with."""
    return _condition(told, "complaint", {"text": told.complaint})


def diagnoses(prescription: Prescription) -> list[Resource]:
    """The provisional diagnoses, by ICD-10 where the doctor chose a code."""
    return [
        _condition(
            prescription,
            f"diagnosis-{place}",
            coded(kept["code"], kept["name"], of=ICD_10) if kept["code"] else {"text": kept["name"]},
        )
        for place, kept in enumerate(prescription.diagnoses)
    ]


def findings(prescription: Prescription) -> list[Resource]:
    """What the doctor found, in the doctor's words."""
    if not prescription.findings:
        return []
    return [
        resource(
            "Observation",
            f"{prescription.ref}/findings",
            status="final",
            code=coded("29545-1", "Physical findings Narrative", of=LOINC),
            subject=reference(patient(prescription)),
            effectiveDateTime=moment(prescription.issued_at),
            performer=[reference(practitioner(prescription))],
            valueString=prescription.findings,
        )
    ]


def investigations(prescription: Prescription) -> list[Resource]:
    """Tests to be made, one for each line."""
    lines = [line.strip() for line in prescription.investigations.splitlines() if line.strip()]
    return [
        resource(
            "ServiceRequest",
            f"{prescription.ref}/investigation-{place}",
            status="revoked" if prescription.status == Status.REVOKED else "active",
            intent="order",
            code={"text": line},
            subject=reference(patient(prescription)),
            authoredOn=moment(prescription.issued_at),
            requester=reference(practitioner(prescription)),
        )
        for place, line in enumerate(lines)
    ]


def medications(prescription: Prescription, reasons: list[Resource]) -> list[Resource]:
    """The medicines, with how each is taken in English and, for the patient, in Hindi."""
    return [_medication(prescription, line, reasons) for line in prescription.lines.all()]


def allergies(told: Told) -> list[Resource]:
    """What the patient was known not to bear on the day of issue: as it was asked then, else as it was noted."""
    at, asked = told.issued_at, told.clinical.get("allergies")
    noted = [
        known.words
        for known in told.patient.allergies.all()
        if known.noted_at <= at and (known.withdrawn_at is None or known.withdrawn_at > at)
    ]
    return [
        resource(
            "AllergyIntolerance",
            f"{told.ref}/allergy-{place}",
            clinicalStatus=coded("active", "Active", of=ALLERGY_STATES),
            code={"text": words},
            patient=reference(patient(told)),
            recordedDate=moment(at),
        )
        for place, words in enumerate(noted if asked is None else asked)
    ]


def referral(prescription: Prescription) -> list[Resource]:
    """To which OPD the patient was referred, with the doctor's note."""
    kept = prescription.referral
    if not kept:
        return []
    return [
        resource(
            "ServiceRequest",
            f"{prescription.ref}/referral",
            status="revoked" if prescription.status == Status.REVOKED else "active",
            intent="order",
            category=[coded("306206005", "Referral to service")],
            code={"text": kept["english"]},
            subject=reference(patient(prescription)),
            authoredOn=moment(prescription.issued_at),
            requester=reference(practitioner(prescription)),
            note=[{"text": kept["note"]}] if kept["note"] else None,
        )
    ]


def follow_up(prescription: Prescription) -> list[Resource]:
    """The day to come back on, proposed to the patient."""
    day = prescription.follow_up_on
    if day is None:
        return []
    here = patient(prescription)
    return [
        resource(
            "Appointment",
            f"{prescription.ref}/follow-up",
            status="proposed",
            description="Follow-up consultation",
            created=moment(prescription.issued_at),
            requestedPeriod=[{"start": day.isoformat(), "end": day.isoformat()}],
            participant=[
                {"actor": reference(here), "status": "needs-action"},
                {"actor": reference(practitioner(prescription)), "status": "needs-action"},
            ],
        )
    ]


def paper(prescription: Prescription, pdf: bytes) -> Resource:
    """The signed PDF as Binary."""
    return resource("Binary", f"{prescription.ref}/pdf", contentType="application/pdf", data=b64encode(pdf).decode())


def document(prescription: Prescription, pdf: bytes) -> Resource:
    """The signed PDF as DocumentReference."""
    return resource(
        "DocumentReference",
        f"{prescription.ref}/document",
        status="superseded" if prescription.status == Status.REVOKED else "current",
        docStatus="final",
        type=coded("440545006", "Prescription record"),
        subject=reference(patient(prescription)),
        author=[reference(practitioner(prescription))],
        date=moment(prescription.issued_at),
        content=attached(pdf, title=f"Prescription {prescription.number}", at=prescription.issued_at),
    )


def attached(pdf: bytes, *, title: str, at: datetime) -> list[Resource]:
    """A PDF as a DocumentReference carries it."""
    about = {
        "contentType": "application/pdf",
        "language": "en-IN",
        "data": b64encode(pdf).decode(),
        "size": len(pdf),
        "title": title,
        "creation": moment(at),
    }
    return [{"attachment": about}]


def _condition(told: Told, key: str, code: Resource) -> Resource:
    return resource(
        "Condition",
        f"{told.ref}/{key}",
        clinicalStatus=coded("active", "Active", of=CONDITION_STATES),
        code=code,
        subject=reference(patient(told)),
        recordedDate=moment(told.issued_at),
        recorder=reference(practitioner(told)),
    )


def _medication(prescription: Prescription, line: PrescriptionLine, reasons: list[Resource]) -> Resource:
    name = f"{line.generic.upper()} {line.form} {line.strength}"
    return resource(
        "MedicationRequest",
        f"{prescription.ref}/line-{line.position}",
        status="cancelled" if prescription.status == Status.REVOKED else "active",
        intent="order",
        medicationCodeableConcept=coded(line.code, name, of=system("formulary")),
        subject=reference(patient(prescription), prescription.people["patient"]["name"]),
        authoredOn=moment(prescription.issued_at),
        requester=reference(practitioner(prescription), prescription.people["doctor"]["name"]),
        reasonReference=[reference(condition) for condition in reasons],
        groupIdentifier={"system": system("prescription"), "value": prescription.number},
        dosageInstruction=_dosages(line),
        dispenseRequest={
            "quantity": {"value": line.quantity, "unit": line.unit},
            "expectedSupplyDuration": _days(line.days),
        },
    )


def _dosages(line: PrescriptionLine) -> list[Resource]:
    """One instruction, or of a taper one for each step, in their sequence."""
    steps = line.steps
    if len(steps) == 1:
        return [_dosage(line, steps[0])]
    return [{"sequence": place} | _dosage(line, step) for place, step in enumerate(steps, start=1)]


def _dosage(line: PrescriptionLine, step: Step) -> Resource:
    said = phrases.course(form=line.form, steps=[step], food=Food(line.food))
    hindi = f"{said.hindi} {phrases.usual_hindi(line.instructions)}".strip()
    content: dict[str, Any] = {
        "text": said.english,
        "patientInstruction": hindi,
        "additionalInstruction": [{"text": line.instructions}] if line.instructions else None,
        "asNeededBoolean": True if step.frequency.as_needed else None,
        "timing": {"code": {"text": str(step.frequency)}, "repeat": _repeat(step.frequency, step.days)},
        "route": {"text": line.route},
        "doseAndRate": _dose(step.dose, step.frequency),
    }
    return {name: value for name, value in content.items() if value is not None}


def _repeat(frequency: Frequency, days: int) -> Resource:
    """How often, as far as FHIR can say it in one timing."""
    repeat: Resource = {"boundsDuration": _days(days)}
    if frequency.every_hours:
        return repeat | {"frequency": 1, "period": frequency.every_hours, "periodUnit": "h"}
    if frequency.as_needed:
        return repeat | {"frequency": 1, "frequencyMax": frequency.max_per_day, "period": 1, "periodUnit": "d"}
    if frequency.interval_days == 0:
        return repeat | {"count": 1}
    when = [code for code, units in zip(TIMES, frequency.slots, strict=True) if units]
    return repeat | {
        "frequency": len(when),
        "period": frequency.interval_days,
        "periodUnit": "d",
        "when": when,
    }


def _dose(dose: str, frequency: Frequency) -> list[Resource] | None:
    """The amount at one time; None where it differs between the times, or is no number."""
    units = dose_units(dose)
    times = {slot for slot in frequency.slots if slot} or {Fraction(1)}
    if units is None or len(times) > 1:
        return None
    name = dose.strip().lstrip("0123456789./½¼¾ ")
    return [{"doseQuantity": {"value": float(units * times.pop()), "unit": name}}]


def _days(days: int) -> Resource:
    return {"value": days, "unit": "days", "system": UCUM, "code": "d"}
