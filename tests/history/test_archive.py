"""The patient's whole record as one zip."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import cast

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from sehat.audit.models import Entry
from sehat.history.archive import archive
from sehat.prescription.models import Prescription
from sehat.registration.models import Patient
from tests.prescription.profiles import faults


def _zip(response: HttpResponseBase) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(cast(Iterable[bytes], response))))


def test_the_patient_takes_the_whole_record_along(issued: Prescription, patients_browser: Client) -> None:
    link = reverse("history:whole_record")
    assert link in patients_browser.get(reverse("history:past")).content.decode()
    response = patients_browser.get(link)
    assert response.headers["Content-Type"] == "application/zip"
    whole = _zip(response)
    assert whole.testzip() is None
    folder = f"prescriptions/{issued.number}"
    assert set(whole.namelist()) == {
        f"{folder}.pdf",
        f"{folder}.prescription.fhir.json",
        f"{folder}.consultation.fhir.json",
    }
    with issued.file.open("rb") as file:
        assert whole.read(f"{folder}.pdf") == file.read()
    for record in ("prescription", "consultation"):
        assert faults(json.loads(whole.read(f"{folder}.{record}.fhir.json"))) == []
    assert Entry.objects.get(action="history.export").subject == f"registration.patient:{issued.patient_id}"


def test_a_stranger_gets_nothing_and_another_patient_only_the_own(
    issued: Prescription, meera: Patient, ten_o_clock: datetime
) -> None:
    assert "login" in Client().get(reverse("history:whole_record")).headers["Location"]
    pieces = b"".join(archive(meera, now=ten_o_clock))
    assert zipfile.ZipFile(io.BytesIO(pieces)).namelist() == []


def test_it_is_sent_piece_by_piece(
    issued: Prescription, asha: Patient, ten_o_clock: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the past is: a long record never lies in memory whole."""
    asked = 0

    def many(_patient: Patient) -> Iterator[tuple[str, Iterator[bytes]]]:
        nonlocal asked
        for number in range(50):
            asked += 1
            yield f"{number}.pdf", iter([bytes(1000)] * 100)

    monkeypatch.setattr("sehat.history.archive._files", many)
    pieces = archive(asha, now=ten_o_clock)
    longest = max(len(next(pieces)) for _ in range(200))
    assert asked < 4
    assert longest < 10_000
    assert len(zipfile.ZipFile(io.BytesIO(b"".join(archive(asha, now=ten_o_clock)))).namelist()) == 50
