"""Letters in the FHIR record of their consultation, and in the patient's whole record."""

import json
import zipfile
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
from sehat.clinic.models import Doctor
from sehat.consultation import services as consultations
from sehat.consultation.models import Consultation
from sehat.consultation.rules import PutBack
from sehat.history.archive import archive
from sehat.kernel.ids import new_ref
from sehat.letters import services
from sehat.letters.models import Letter
from sehat.letters.rules import Urgency
from sehat.letters.writing import ReferralLetter
from sehat.prescription import fhir, queries
from sehat.prescription.fhir import Record
from sehat.prescription.models import Allergy, Prescription
from sehat.registration.models import Patient
from tests.consultation.conftest import logged_in
from tests.prescription.profiles import faults

Json = dict[str, Any]


def _document(prescription: Prescription, record: Record = Record.CONSULTATION) -> Json:
    found = queries.by_ref(prescription.ref)
    assert found is not None
    document: Json = json.loads(fhir.bundle(found, record))
    return document


def _of_type(document: Json, kind: str) -> list[Json]:
    return [e["resource"] for e in document["entry"] if e["resource"]["resourceType"] == kind]


def _letters(document: Json) -> list[Json]:
    return [one for one in _of_type(document, "DocumentReference") if "identifier" in one]


def _named_in(document: Json, code: str) -> list[str]:
    """What the section of that code names."""
    sections = document["entry"][0]["resource"]["section"]
    return [
        entry["reference"].removeprefix("urn:uuid:")
        for section in sections
        if section["code"]["coding"][0]["code"] == code
        for entry in section["entry"]
    ]


def test_both_letters_stand_in_the_record_of_the_consultation(
    letter: Letter, advised: Letter, issued: Prescription
) -> None:
    document = _document(issued)
    assert faults(document) == []
    assert R4Bundle(document, strict=True).as_json() == document
    papers = {
        one["identifier"][0]["value"]: one for one in _of_type(document, "DocumentReference") if "identifier" in one
    }
    assert papers.keys() == {letter.number, advised.number}
    for paper in (letter, advised):
        with paper.file.open("rb") as file:
            assert b64decode(papers[paper.number]["content"][0]["attachment"]["data"]) == file.read()
        assert papers[paper.number]["id"] in _named_in(document, "371530004")
    assert papers[advised.number]["description"] == "2026-11-23 to 2026-11-25"
    (request,) = _of_type(document, "ServiceRequest")
    assert _named_in(document, "306206005") == [request["id"]]
    assert (request["code"]["text"], request["priority"], request["status"]) == ("Surgery", "asap", "active")
    assert [one["text"] for one in request["reasonCode"]] == ["Appendicitis to be excluded", "Acute abdomen"]
    assert {"text": "Allergies: penicillin"} in request["note"]
    assert request["supportingInfo"][0]["reference"].endswith(papers[letter.number]["id"])
    # What a pharmacy takes names medicines and the sheet, nothing else.
    assert not _of_type(_document(issued, Record.PRESCRIPTION), "DocumentReference")


def test_a_letter_written_or_revoked_later_makes_a_new_version(
    issued: Prescription, met: Consultation, dr_rao: Doctor, referral: ReferralLetter, ten_o_clock: datetime
) -> None:
    assert _document(issued)["meta"]["versionId"] == "1"
    later = ten_o_clock + timedelta(hours=1)
    soon = replace(referral, urgency=Urgency.SOON)
    late = services.issue(consultation=met, doctor=dr_rao, content=soon, pressed=new_ref(), now=later)
    second = _document(issued)
    assert second["meta"]["versionId"] == "2"
    assert second["timestamp"] == "2026-11-23T11:00:00+05:30"
    services.revoke(letter=late, doctor=dr_rao, reason="Wrong hospital", now=later + timedelta(hours=1))
    third = _document(issued)
    assert third["meta"]["versionId"] == "3"
    assert faults(third) == []
    assert _of_type(third, "ServiceRequest")[0]["status"] == "revoked"
    assert [one["status"] for one in _letters(third)] == ["entered-in-error"]
    # The prescription itself has not changed.
    assert _document(issued, Record.PRESCRIPTION)["meta"]["versionId"] == "1"


WRONG: dict[str, Callable[[Json], None]] = {
    "ServiceRequest without requester": lambda d: _of_type(d, "ServiceRequest")[0].pop("requester"),
    "ServiceRequest without intent": lambda d: _of_type(d, "ServiceRequest")[0].pop("intent"),
    "DocumentReference without author": lambda d: _of_type(d, "DocumentReference")[-1].pop("author"),
    "DocumentReference without a file": lambda d: _of_type(d, "DocumentReference")[-1]["content"].clear(),
    "which is not in the document": lambda d: d["entry"].remove(
        next(
            e
            for e in d["entry"]
            if e["resource"]["resourceType"] == "DocumentReference" and "identifier" in e["resource"]
        )
    ),
    "something else than ['ServiceRequest']": lambda d: next(
        section
        for section in d["entry"][0]["resource"]["section"]
        if section["code"]["coding"][0]["code"] == "306206005"
    )["entry"].append(d["entry"][0]["resource"]["subject"]),
}


@pytest.mark.parametrize("named", WRONG)
def test_the_validator_sees_a_wrong_letter(letter: Letter, issued: Prescription, named: str) -> None:
    document = _document(issued)
    WRONG[named](document)
    assert any(named in fault for fault in faults(document)), faults(document)


def test_the_whole_record_has_the_letters_as_they_were_signed(
    letter: Letter, advised: Letter, issued: Prescription, ten_o_clock: datetime
) -> None:
    with archive(issued.patient, now=ten_o_clock) as taken, zipfile.ZipFile(taken) as whole:
        for paper in (letter, advised):
            with paper.file.open("rb") as file:
                assert whole.read(f"letters/{paper.number}.pdf") == file.read()
        record = json.loads(whole.read(f"prescriptions/{fhir.file_name(issued, Record.CONSULTATION)}"))
    assert faults(record) == []
    assert len(_of_type(record, "ServiceRequest")) == 1


@pytest.fixture
def ended(met: Consultation, letter: Letter, advised: Letter, dr_rao: Doctor, ten_o_clock: datetime) -> Consultation:
    """Dr Rao wrote two letters, and then the line was too bad for a prescription."""
    Allergy.objects.create(patient=met.token.patient, words="Penicillin", noted_by=dr_rao, noted_at=ten_o_clock)
    consultations.put_back(consultation=met, reason=PutBack.LINE, now=ten_o_clock + timedelta(minutes=5))
    return met


def _record(consultation: Consultation) -> Json:
    document = fhir.record_of(consultation)
    assert document is not None
    record: Json = json.loads(document.content)
    return record


def _sections(document: Json) -> list[str]:
    return [section["code"]["coding"][0]["code"] for section in document["entry"][0]["resource"]["section"]]


def test_a_consultation_without_a_prescription_has_its_record_with_its_letters(
    ended: Consultation, letter: Letter, advised: Letter
) -> None:
    document = _record(ended)
    assert faults(document) == []
    assert R4Bundle(document, strict=True).as_json() == document
    # Complaint, allergy, referral, the signs asked with the token, the letters: and no section that would be empty.
    assert _sections(document) == ["422843007", "722446000", "306206005", "404684003", "371530004"]
    assert [one["code"]["text"] for one in _of_type(document, "Condition")] == ["Fever (3 days)"]
    assert [one["code"]["text"] for one in _of_type(document, "AllergyIntolerance")] == ["Penicillin"]
    papers = _of_type(document, "DocumentReference")
    assert [one["identifier"][0]["value"] for one in papers] == [letter.number, advised.number]
    assert not _of_type(document, "MedicationRequest")
    (encounter,) = _of_type(document, "Encounter")
    assert encounter["status"] == "finished"
    assert encounter["hospitalization"]["dischargeDisposition"]["text"] == "Back into the queue: The line is too bad"
    composition = document["entry"][0]["resource"]
    assert (composition["status"], composition["identifier"]["value"]) == ("final", ended.ref)
    assert document["timestamp"] == "2026-11-23T10:05:00+05:30"


def test_who_did_not_answer_was_not_met(met: Consultation, ten_o_clock: datetime) -> None:
    assert fhir.record_of(met) is None, "it goes on"
    consultations.put_back(consultation=met, reason=PutBack.ABSENT, now=ten_o_clock)
    document = _record(met)
    assert faults(document) == []
    assert _of_type(document, "Encounter")[0]["status"] == "cancelled"
    assert _sections(document) == ["422843007", "404684003"]


def test_a_letter_revoked_after_the_end_makes_a_new_version(
    ended: Consultation, letter: Letter, dr_rao: Doctor, ten_o_clock: datetime
) -> None:
    assert _record(ended)["meta"]["versionId"] == "1"
    services.revoke(letter=letter, doctor=dr_rao, reason="Wrong hospital", now=ten_o_clock + timedelta(hours=1))
    document = _record(ended)
    assert faults(document) == []
    assert document["meta"]["versionId"] == "2"
    assert _of_type(document, "ServiceRequest")[0]["status"] == "revoked"


WRONG_WITHOUT: dict[str, Callable[[Json], None]] = {
    "a section without entry": lambda d: d["entry"][0]["resource"]["section"][1].update(entry=[]),
    "something else than ['AllergyIntolerance']": lambda d: d["entry"][0]["resource"]["section"][1]["entry"].append(
        d["entry"][0]["resource"]["subject"]
    ),
    "OPConsultRecord without encounter": lambda d: d["entry"][0]["resource"].pop("encounter"),
    "OPConsultRecord without section": lambda d: d["entry"][0]["resource"].update(section=[]),
    "AllergyIntolerance without code": lambda d: _of_type(d, "AllergyIntolerance")[0].pop("code"),
    "DocumentReference without subject": lambda d: _of_type(d, "DocumentReference")[0].pop("subject"),
}


@pytest.mark.parametrize("named", WRONG_WITHOUT)
def test_the_validator_sees_a_wrong_record_without_a_prescription(ended: Consultation, named: str) -> None:
    document = _record(ended)
    WRONG_WITHOUT[named](document)
    assert any(named in fault for fault in faults(document)), faults(document)


def test_the_patient_finds_the_record_and_takes_it_along(
    ended: Consultation, letter: Letter, patients_browser: Client, meera: Patient, ten_o_clock: datetime
) -> None:
    link = reverse("prescription:own_record", args=[ended.ref])
    assert reverse("history:calls") in patients_browser.get(reverse("history:past")).content.decode()
    page = patients_browser.get(reverse("history:calls")).content.decode()
    assert link in page
    assert "The line was too bad. You kept your place." in page
    assert reverse("letters:letter", args=[letter.ref]) in page
    response = patients_browser.get(link)
    assert response.headers["Content-Type"] == "application/fhir+json"
    assert faults(response.json()) == []
    assert logged_in(patient=meera).get(link).status_code == 404
    with archive(ended.token.patient, now=ten_o_clock) as taken, zipfile.ZipFile(taken) as whole:
        assert json.loads(whole.read(f"consultations/{ended.ref}.consultation.fhir.json")) == response.json()


WHY = "Complaint 12 of 2026 of the patient"


def test_hq_asks_by_the_number_of_a_letter_or_the_reference(ended: Consultation, letter: Letter, hq: Staff) -> None:
    client, address = logged_in(staff=hq), reverse("prescription:for_hq")
    for number in (letter.number.lower(), ended.ref):
        response = client.post(address, {"number": number, "record": "consultation", "reason": WHY})
        assert faults(response.json()) == []
    paper = client.post(address, {"number": letter.number, "record": "pdf", "reason": WHY})
    assert b"".join(paper.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    of_letter, of_consultation, _pdf = Entry.objects.filter(action="record.export").order_by("id")
    assert of_letter.subject == f"letters.letter:{letter.pk}"
    assert of_consultation.subject == f"consultation.consultation:{ended.pk}"
    assert of_consultation.details == {"record": "consultation", "reason": WHY}


@pytest.mark.parametrize(
    ("record", "of", "sentence"),
    [
        ("pdf", "consultation", "A consultation has no PDF of its own"),
        ("prescription", "letter", "This is not the number of a prescription."),
        ("prescription", "consultation", "This is not the number of a prescription."),
    ],
)
def test_hq_is_told_what_there_is_not(
    ended: Consultation, letter: Letter, hq: Staff, record: str, of: str, sentence: str
) -> None:
    number = letter.number if of == "letter" else ended.ref
    asked = {"number": number, "record": record, "reason": WHY}
    refused = logged_in(staff=hq).post(reverse("prescription:for_hq"), asked)
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert not Entry.objects.filter(action="record.export").exists()


def test_a_consultation_that_goes_on_has_no_record_yet(met: Consultation, letter: Letter, hq: Staff) -> None:
    client, address = logged_in(staff=hq), reverse("prescription:for_hq")
    for number in (met.ref, letter.number):
        refused = client.post(address, {"number": number, "record": "consultation", "reason": WHY})
        assert refused.status_code == 422
        assert "This consultation has not ended yet." in refused.content.decode()
