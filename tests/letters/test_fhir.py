"""Letters in the FHIR record of their consultation, and in the patient's whole record."""

import io
import json
import zipfile
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from fhirclient.models.bundle import Bundle as R4Bundle

from sehat.clinic.models import Doctor
from sehat.consultation.models import Consultation
from sehat.history.archive import archive
from sehat.kernel.ids import new_ref
from sehat.letters import services
from sehat.letters.models import Letter
from sehat.letters.rules import Urgency
from sehat.letters.writing import ReferralLetter
from sehat.prescription import fhir, queries
from sehat.prescription.fhir import Record
from sehat.prescription.models import Prescription
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
    whole = zipfile.ZipFile(io.BytesIO(b"".join(archive(issued.patient, now=ten_o_clock))))
    for paper in (letter, advised):
        with paper.file.open("rb") as file:
            assert whole.read(f"letters/{paper.number}.pdf") == file.read()
    record = json.loads(whole.read(f"prescriptions/{fhir.file_name(issued, Record.CONSULTATION)}"))
    assert faults(record) == []
    assert len(_of_type(record, "ServiceRequest")) == 1
