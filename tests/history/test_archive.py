"""The patient's whole record as one zip."""

import io
import json
import os
import tracemalloc
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
    with archive(meera, now=ten_o_clock) as whole:
        assert zipfile.ZipFile(whole).namelist() == []


def test_a_long_record_does_not_lie_in_memory(
    issued: Prescription, asha: Patient, ten_o_clock: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def many(_patient: Patient) -> Iterator[tuple[str, Iterator[bytes]]]:
        return ((f"{number}.pdf", iter([bytes(10_000)] * 100)) for number in range(50))

    monkeypatch.setattr("sehat.history.archive._files", many)
    tracemalloc.start()
    try:
        with archive(asha, now=ten_o_clock) as whole:
            _now, most = tracemalloc.get_traced_memory()
            assert len(zipfile.ZipFile(whole).namelist()) == 50
            assert whole.seek(0, os.SEEK_END) > 50_000_000
    finally:
        tracemalloc.stop()
    assert most < 10_000_000
