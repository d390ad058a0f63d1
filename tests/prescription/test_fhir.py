"""The FHIR documents: the profiles' rules by a validator of our own, FHIR R4 by two parsers, and who gets them."""

import copy
import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from fhirclient.models.bundle import Bundle as R4Bundle

from sehat.accounts.models import Staff
from sehat.audit.models import Entry
from sehat.clinic.models import Doctor, Opd
from sehat.consultation.models import Consultation
from sehat.prescription import fhir, queries, services
from sehat.prescription.fhir import Record
from sehat.prescription.models import Allergy, Prescription
from sehat.prescription.writing import Referral, Written
from sehat.tokens.models import Token
from sehat.tokens.rules import RedFlag
from tests.prescription.conftest import line
from tests.prescription.profiles import faults

Json = dict[str, Any]


def _document(prescription: Prescription, record: Record) -> Json:
    found = queries.by_ref(prescription.ref)
    assert found is not None
    document: Json = json.loads(fhir.bundle(found, record))
    return document


def _of_type(document: Json, kind: str) -> list[Json]:
    return [e["resource"] for e in document["entry"] if e["resource"]["resourceType"] == kind]


@pytest.mark.parametrize("record", list(Record))
def test_a_document_keeps_every_rule_of_its_profile(issued: Prescription, record: Record) -> None:
    assert faults(_document(issued, record)) == []


@pytest.mark.parametrize("record", list(Record))
def test_an_independent_r4_parser_takes_it(issued: Prescription, record: Record) -> None:
    document = _document(issued, record)
    assert R4Bundle(document, strict=True).as_json() == document


def test_the_prescription_record_says_what_the_sheet_says(issued: Prescription) -> None:
    document = _document(issued, Record.PRESCRIPTION)
    first, second = _of_type(document, "MedicationRequest")
    assert first["medicationCodeableConcept"]["text"] == "PARACETAMOL tablet 500 mg"
    assert first["authoredOn"] == "2026-11-23T10:00:00+05:30"
    dosage = first["dosageInstruction"][0]
    assert dosage["text"].startswith("Take 1 tablet in the morning")
    assert "सुबह" in dosage["patientInstruction"]
    assert dosage["timing"]["repeat"]["when"] == ["MORN", "NOON", "NIGHT"]
    assert first["dispenseRequest"]["quantity"] == {"value": 15, "unit": "tablet"}
    assert second["dosageInstruction"][0]["additionalInstruction"] == [{"text": "Drink plenty of water"}]
    (binary,) = _of_type(document, "Binary")
    with issued.file.open("rb") as file:
        assert b64decode(binary["data"]) == file.read()
    (patient,) = _of_type(document, "Patient")
    assert patient["identifier"][0]["value"] == issued.patient.patient_id
    assert (patient["gender"], patient["birthDate"]) == ("female", "1992-03-08")


def test_the_consultation_record_holds_a_section_for_what_was_written(issued: Prescription) -> None:
    document = _document(issued, Record.CONSULTATION)
    codes = [section["code"]["coding"][0]["code"] for section in document["entry"][0]["resource"]["section"]]
    assert codes == ["422843007", "425044008", "721912009", "390906007", "404684003", "371530004"]
    (encounter,) = _of_type(document, "Encounter")
    assert encounter["class"]["code"] == "VR"
    assert _of_type(document, "Observation")[0]["valueString"] == "Throat red"
    assert _of_type(document, "Appointment")[0]["requestedPeriod"][0]["start"] == "2026-11-30"


@pytest.mark.parametrize(
    "frequency",
    ["1-0-1", "1-0-2", "½-0-½", "SOS max 3", "every 6 h", "weekly", "1-0-0 once only", "1-0-1 alternate days"],
)
def test_every_way_to_take_a_medicine_is_fhir(
    met: Consultation, dr_rao: Doctor, written: Written, ten_o_clock: datetime, frequency: str
) -> None:
    one = replace(written, lines=(line("paracetamol-tablet-500-mg", frequency, days=14),), investigations="CBC\nESR")
    prescription = services.issue(consultation=met, doctor=dr_rao, written=one, now=ten_o_clock)
    for record in Record:
        document = _document(prescription, record)
        assert faults(document) == []
        R4Bundle(document, strict=True)
    assert [r["code"]["text"] for r in _of_type(document, "ServiceRequest")] == ["CBC", "ESR"]


def test_advice_alone_is_a_document_too(
    met: Consultation, dr_rao: Doctor, written: Written, ten_o_clock: datetime
) -> None:
    advice = replace(written, lines=(), findings="", follow_up_on=None)
    prescription = services.issue(consultation=met, doctor=dr_rao, written=advice, now=ten_o_clock)
    assert [faults(_document(prescription, record)) for record in Record] == [[], []]


def test_known_allergies_and_a_referral_have_their_sections(
    met: Consultation, dr_rao: Doctor, medicine: Opd, written: Written, ten_o_clock: datetime
) -> None:
    patient, before = met.token.patient, ten_o_clock - timedelta(days=9)
    Allergy.objects.create(patient=patient, words="Penicillin", noted_by=dr_rao, noted_at=before)
    Allergy.objects.create(
        patient=patient, words="Sulfa", noted_by=dr_rao, noted_at=before, withdrawn_by=dr_rao, withdrawn_at=before
    )
    referred = replace(written, referral=Referral(medicine, "Weight loss"))
    prescription = services.issue(consultation=met, doctor=dr_rao, written=referred, now=ten_o_clock)
    document = _document(prescription, Record.CONSULTATION)
    assert faults(document) == []
    R4Bundle(document, strict=True)
    assert [one["code"]["text"] for one in _of_type(document, "AllergyIntolerance")] == ["Penicillin"]
    (request,) = _of_type(document, "ServiceRequest")
    assert (request["code"]["text"], request["note"]) == ("Medicine", [{"text": "Weight loss"}])


def test_what_was_asked_and_measured_has_its_sections(issued: Prescription) -> None:
    issued.clinical = {
        "history": "Asthma since childhood",
        "allergies": ["Penicillin"],
        "in_use": ["Salmeterol inhaler"],
        "vitals": {"temperature": 100.4, "pulse": 96, "systolic": 124, "diastolic": 82, "oxygen": 97, "sugar": 110},
        "pregnancy": "not_pregnant",
        "lmp": "2026-11-02",
        "kidney_disease": True,
    }
    issued.save()
    document = _document(issued, Record.CONSULTATION)
    assert faults(document) == []
    R4Bundle(document, strict=True)
    codes = [section["code"]["coding"][0]["code"] for section in document["entry"][0]["resource"]["section"]]
    assert {"722446000", "371529009", "404684003"} <= set(codes)
    observed = {one["code"]["text"]: one for one in _of_type(document, "Observation")}
    assert observed["Body temperature"]["valueQuantity"]["code"] == "[degF]"
    pressures = observed["Blood pressure panel with all children optional"]["component"]
    assert [part["valueQuantity"]["value"] for part in pressures] == [124, 82]
    assert _of_type(document, "MedicationStatement")[0]["medicationCodeableConcept"]["text"] == "Salmeterol inhaler"
    assert "Kidney disease" in [one["code"]["text"] for one in _of_type(document, "Condition")]
    assert [one["code"]["text"] for one in _of_type(document, "AllergyIntolerance")] == ["Penicillin"]


def test_the_signs_that_were_answered_with_the_token_are_observed(issued: Prescription) -> None:
    token = issued.consultation.token
    Token.objects.filter(pk=token.pk).update(red_flags=["chest_pain"])
    Prescription.objects.filter(pk=issued.pk).update(clinical=issued.clinical | {"no_emergency": True})
    document = _document(issued, Record.CONSULTATION)
    assert faults(document) == []
    R4Bundle(document, strict=True)
    told = next(one for one in _of_type(document, "Observation") if one["code"]["coding"][0]["code"] == "red-flags")
    answers = {part["code"]["coding"][0]["code"]: part["valueBoolean"] for part in told["component"]}
    assert answers == {flag.value: flag is RedFlag.CHEST_PAIN for flag in RedFlag}
    assert told["performer"] == [told["subject"]]
    assert told["note"] == [{"text": "Looked into by the doctor: no emergency"}]


def test_an_amended_prescription_names_the_first_and_the_first_says_it_was_an_error(
    issued: Prescription, dr_rao: Doctor, written: Written, ten_o_clock: datetime
) -> None:
    amended = services.amend(
        prescription=issued, doctor=dr_rao, written=written, reason="Wrong strength", now=ten_o_clock
    )
    new = _document(amended, Record.PRESCRIPTION)["entry"][0]["resource"]
    assert new["status"] == "amended"
    assert new["relatesTo"][0]["targetIdentifier"]["value"] == issued.number
    old = _document(issued, Record.PRESCRIPTION)
    assert (old["entry"][0]["resource"]["status"], old["meta"]["versionId"]) == ("entered-in-error", "2")
    assert {r["status"] for r in _of_type(old, "MedicationRequest")} == {"cancelled"}
    assert faults(old) == []


def _second_section(document: Json) -> None:
    sections = document["entry"][0]["resource"]["section"]
    sections.append(copy.deepcopy(sections[0]))


def _drop(kind: str, *names: str) -> Callable[[Json], None]:
    def change(document: Json) -> None:
        for resource in _of_type(document, kind):
            for name in names:
                resource.pop(name, None)

    return change


def _add_binaries(document: Json) -> None:
    section = document["entry"][0]["resource"]["section"][0]
    section["entry"].append(section["entry"][-1])


def _names_the_patient(document: Json) -> None:
    resource = document["entry"][0]["resource"]
    resource["section"][0]["entry"].append(resource["subject"])


WRONG: dict[str, Callable[[Json], None]] = {
    "not a document": lambda d: d.update(type="collection"),
    "versionId": lambda d: d["meta"].pop("versionId"),
    "identifier.system": lambda d: d["identifier"].pop("system"),
    "timestamp": lambda d: d.update(timestamp="2026-11-23"),
    "not unique": lambda d: d["entry"].append(d["entry"][1]),
    "no Composition": lambda d: d["entry"].reverse(),
    "Composition without subject": _drop("Composition", "subject"),
    "Composition without author": _drop("Composition", "author"),
    "exactly one section": _second_section,
    "one section with an entry": lambda d: d["entry"][0]["resource"]["section"][0].update(entry=[]),
    "more than one Binary": _add_binaries,
    "something else than MedicationRequest": _names_the_patient,
    "neither PrescriptionRecord": lambda d: d["entry"][0]["resource"]["type"]["coding"][0].update(code="1"),
    "not in the document": lambda d: d["entry"].pop(1),
    "Patient without name.text": _drop("Patient", "name"),
    "Patient without identifier": _drop("Patient", "identifier"),
    "Practitioner without identifier": _drop("Practitioner", "identifier"),
    "Organization without identifier": lambda d: _of_type(d, "Organization")[0]["identifier"][0].pop("system"),
    "Organization without name": _drop("Organization", "name"),
    "not virtual": lambda d: _of_type(d, "Encounter")[0]["class"].update(code="AMB"),
    "MedicationRequest without dosageInstruction": _drop("MedicationRequest", "dosageInstruction"),
    "MedicationRequest without requester": _drop("MedicationRequest", "requester"),
    "MedicationRequest without authoredOn": _drop("MedicationRequest", "authoredOn"),
    "MedicationRequest without medication": _drop("MedicationRequest", "medicationCodeableConcept"),
    "Binary is no PDF": lambda d: _of_type(d, "Binary")[0].update(contentType="text/html"),
}


@pytest.mark.parametrize("named", WRONG)
def test_the_validator_sees_what_is_wrong(issued: Prescription, named: str) -> None:
    document = _document(issued, Record.PRESCRIPTION)
    WRONG[named](document)
    assert any(named in fault for fault in faults(document)), faults(document)


WRONG_CONSULTATION: dict[str, Callable[[Json], None]] = {
    "without encounter": _drop("Composition", "encounter"),
    "unknown section": lambda d: d["entry"][0]["resource"]["section"][0]["code"]["coding"][0].update(code="1"),
    "something else than ['Condition']": _names_the_patient,
    "Observation without value": _drop("Observation", "component"),
    "Observation without code": _drop("Observation", "code"),
    "Condition without subject": _drop("Condition", "subject"),
    "Appointment without participant": _drop("Appointment", "participant"),
    "Encounter without status": _drop("Encounter", "status"),
    "DocumentReference without type": _drop("DocumentReference", "type"),
    "DocumentReference without a file": _drop("DocumentReference", "content"),
    "section without entry": lambda d: d["entry"][0]["resource"]["section"][1].update(entry=[]),
}


@pytest.mark.parametrize("named", WRONG_CONSULTATION)
def test_the_validator_sees_what_is_wrong_in_a_consultation(issued: Prescription, named: str) -> None:
    document = _document(issued, Record.CONSULTATION)
    WRONG_CONSULTATION[named](document)
    assert any(named in fault for fault in faults(document)), faults(document)


@pytest.mark.parametrize("record", list(Record))
def test_who_holds_the_link_downloads_it(issued: Prescription, record: Record) -> None:
    page = Client().get(reverse("prescription:rx", args=[issued.ref])).content.decode()
    link = reverse("prescription:fhir", args=[issued.ref, record])
    assert link in page
    response = Client().get(link)
    assert response.headers["Content-Type"] == "application/fhir+json"
    assert f"{issued.number}.{record}.fhir.json" in response.headers["Content-Disposition"]
    assert faults(response.json()) == []
    assert Client().get(reverse("prescription:fhir", args=["x" * 22, record])).status_code == 404
    assert Client().get(reverse("prescription:fhir", args=[issued.ref, "other"])).status_code == 404


def test_the_doctor_who_issued_it_downloads_it_and_is_recorded(
    issued: Prescription, doctors_browser: Client, dr_iyer: Doctor
) -> None:
    link = reverse("prescription:own_fhir", args=[issued.ref, "consultation"])
    assert doctors_browser.get(link).status_code == 200
    entry = Entry.objects.get(action="record.export")
    assert entry.details == {"record": "consultation"}
    another = Client()
    another.force_login(dr_iyer.staff, backend="sehat.accounts.backend.StaffBackend")
    assert another.get(link).status_code == 404


@pytest.fixture
def hqs_browser(hq: Staff) -> Client:
    """HQ, logged in."""
    client = Client()
    client.force_login(hq, backend="sehat.accounts.backend.StaffBackend")
    return client


@pytest.mark.parametrize("record", ["pdf", "prescription", "consultation"])
def test_hq_gets_a_record_for_a_reason_which_is_recorded(
    issued: Prescription, hqs_browser: Client, record: str
) -> None:
    address = reverse("prescription:for_hq")
    asked = {"number": issued.number.lower(), "record": record}
    for reason in ("", "because"):
        refused = hqs_browser.post(address, asked | {"reason": reason})
        assert refused.status_code == 422
        assert "Asha" not in refused.content.decode()
    assert not Entry.objects.filter(action="record.export").exists()

    response = hqs_browser.post(address, asked | {"reason": "Complaint 12 of 2026 of the patient"})
    assert response.status_code == 200
    content = b"".join(response) if response.streaming else response.content
    assert content.startswith(b"%PDF" if record == "pdf" else b"{")
    entry = Entry.objects.get(action="record.export")
    assert entry.details == {"record": record, "reason": "Complaint 12 of 2026 of the patient"}
    assert entry.actor.startswith("accounts.staff:")


def test_only_hq_may_ask_and_only_for_what_there_is(
    issued: Prescription, hqs_browser: Client, doctors_browser: Client, commandant: Staff
) -> None:
    address = reverse("prescription:for_hq")
    unknown = hqs_browser.post(address, {"number": "RX-7", "record": "pdf", "reason": "Complaint 12 of 2026"})
    assert "No prescription, letter or consultation has this number" in unknown.content.decode()
    assert doctors_browser.get(address).status_code == 404
    other = Client()
    other.force_login(commandant, backend="sehat.accounts.backend.StaffBackend")
    assert other.get(address).status_code == 404
    assert "login" in Client().get(address).headers["Location"]
