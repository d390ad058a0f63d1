"""What was asked and measured beside complaint and findings, as FHIR resources: `Prescription.clinical` as kept."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import override

from sehat.prescription.fhir_clinical import CONDITION_STATES, LOINC, UCUM
from sehat.prescription.fhir_people import Resource, coded, moment, patient, practitioner, reference, resource, system
from sehat.prescription.told import Told
from sehat.tokens.models import RED_FLAGS

CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"

VITALS = {
    "temperature": ("8310-5", "Body temperature", "°F", "[degF]"),
    "pulse": ("8867-4", "Heart rate", "/min", "/min"),
    "oxygen": ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "%", "%"),
    "respiration": ("9279-1", "Respiratory rate", "/min", "/min"),
    "weight": ("29463-7", "Body weight", "kg", "kg"),
    "height": ("8302-2", "Body height", "cm", "cm"),
    "sugar": ("2339-0", "Glucose [Mass/volume] in Blood", "mg/dL", "mg/dL"),
}
PRESSURE = {
    "systolic": ("8480-6", "Systolic blood pressure", "mmHg", "mm[Hg]"),
    "diastolic": ("8462-4", "Diastolic blood pressure", "mmHg", "mm[Hg]"),
}


def vitals(told: Told) -> list[Resource]:
    """What was measured; both blood pressures are one observation."""
    measured: Mapping[str, float] = told.clinical.get("vitals") or {}
    found = [
        _observation(told, name, *VITALS[name][:2], **_value(VITALS[name], measured[name]))
        for name in VITALS
        if name in measured
    ]
    if PRESSURE.keys() <= measured.keys():
        parts = [
            {"code": coded(kind[0], kind[1], of=LOINC), **_value(kind, measured[name])}
            for name, kind in PRESSURE.items()
        ]
        panel = "Blood pressure panel with all children optional"
        found.append(_observation(told, "pressure", "85354-9", panel, component=parts))
    return [one | {"category": [coded("vital-signs", "Vital Signs", of=CATEGORIES)]} for one in found]


def history(told: Told) -> list[Resource]:
    """What the patient had before, and the kidney disease that doses go by."""
    kept = told.clinical
    said = [kept.get("history") or "", "Kidney disease" if kept.get("kidney_disease") else ""]
    return [
        resource(
            "Condition",
            f"{told.ref}/history-{place}",
            clinicalStatus=coded("active", "Active", of=CONDITION_STATES),
            code={"text": words},
            subject=reference(patient(told)),
            recordedDate=moment(told.issued_at),
        )
        for place, words in enumerate(said)
        if words
    ]


def in_use(told: Told) -> list[Resource]:
    """Medicines that the patient takes already, in the doctor's words."""
    return [
        resource(
            "MedicationStatement",
            f"{told.ref}/in-use-{place}",
            status="active",
            medicationCodeableConcept={"text": words},
            subject=reference(patient(told)),
            dateAsserted=moment(told.issued_at),
        )
        for place, words in enumerate(told.clinical.get("in_use") or [])
    ]


def others(told: Told) -> list[Resource]:
    """The signs of an emergency, pregnancy, and the day on which the last period began."""
    kept, found = told.clinical, [red_flags(told)]
    if kept.get("pregnancy"):
        said = {"text": str(kept["pregnancy"]).replace("_", " ")}
        found.append(_observation(told, "pregnancy", "82810-3", "Pregnancy status", valueCodeableConcept=said))
    if kept.get("lmp"):
        name = "Last menstrual period start date"
        found.append(_observation(told, "lmp", "8665-2", name, valueDateTime=kept["lmp"]))
    return found


def red_flags(told: Told) -> Resource:
    """What the patient answered when the token was taken, sign by sign; and whether the doctor found that it is no
    emergency.
    """
    token = told.consultation.token
    with override("en"):
        signs = {flag: str(words) for flag, words in RED_FLAGS.items()}
    looked_into = token.red_flags and told.clinical.get("no_emergency")
    return resource(
        "Observation",
        f"{told.ref}/red-flags",
        status="final",
        category=[coded("survey", "Survey", of=CATEGORIES)],
        code=coded("red-flags", "Signs of an emergency, as told with the token", of=system("observation")),
        subject=reference(patient(told)),
        effectiveDateTime=moment(token.created_at),
        performer=[reference(patient(told))],
        component=[
            {"code": coded(flag.value, words, of=system("red-flag")), "valueBoolean": flag in token.red_flags}
            for flag, words in signs.items()
        ],
        note=[{"text": "Looked into by the doctor: no emergency"}] if looked_into else None,
    )


def _observation(told: Told, key: str, code: str, display: str, **value: Any) -> Resource:
    return resource(
        "Observation",
        f"{told.ref}/{key}",
        status="final",
        code=coded(code, display, of=LOINC),
        subject=reference(patient(told)),
        effectiveDateTime=moment(told.issued_at),
        performer=[reference(practitioner(told))],
        **value,
    )


def _value(kind: tuple[str, str, str, str], value: float) -> Resource:
    return {"valueQuantity": {"value": value, "unit": kind[2], "system": UCUM, "code": kind[3]}}
