"""A health record behind its link: for its patient, for whom a later room lets in, for nobody else."""

from collections.abc import Iterator

import pytest
from django.http import HttpRequest
from django.test import Client

from sehat.kernel.clock import now as clock
from sehat.registration.models import Patient
from sehat.tokens import access, records, services
from sehat.tokens.models import HealthRecord
from tests.conftest import IssueToken
from tests.tokens.files import pdf, picture, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(asha: Patient, issue_token: IssueToken) -> HealthRecord:
    """Asha's report, a PDF."""
    return _keep(asha, issue_token, pdf(), "रिपोर्ट.pdf")


@pytest.fixture
def readers() -> Iterator[list[access.Reader]]:
    """The list of readers, put back afterwards."""
    before = list(access.readers)
    yield access.readers
    access.readers[:] = before


def _keep(patient: Patient, issue_token: IssueToken, data: bytes, name: str) -> HealthRecord:
    token = issue_token(patient, now=clock())
    return services.add_record(token=token, record=records.take(upload(data, name)), now=clock())


def _signed_in(patient: Patient) -> Client:
    client = Client()
    session = client.session
    session["patient"] = patient.pk
    session.save()
    return client


def test_its_patient_reads_it(asha: Patient, report: HealthRecord) -> None:
    response = _signed_in(asha).get(f"/records/{report.ref}/")
    assert response.status_code == 200
    assert b"".join(response.streaming_content).startswith(b"%PDF-")  # type: ignore[attr-defined]
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("inline; filename*=utf-8''")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert response.headers["Cache-Control"] == "private, no-store"
    response.close()


def test_a_picture_is_shown_in_a_sandbox(asha: Patient, issue_token: IssueToken) -> None:
    photo = _keep(asha, issue_token, picture(), 'a"; filename=evil.exe.jpg')
    response = _signed_in(asha).get(f"/records/{photo.ref}/")
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert response.headers["Content-Disposition"].startswith("inline;")
    response.close()


def test_to_others_it_does_not_exist(report: HealthRecord, mohan: Patient) -> None:
    for client in (Client(), _signed_in(mohan)):
        assert client.get(f"/records/{report.ref}/").status_code == 404
        assert client.get("/records/nothing-here/").status_code == 404
        assert client.post(f"/records/{report.ref}/").status_code == 405


def test_a_later_room_lets_its_doctor_in(report: HealthRecord, readers: list[access.Reader]) -> None:
    def the_doctor(request: HttpRequest, record: HealthRecord) -> bool:
        return record.ref == report.ref and request.headers.get("X-Doctor") == "rao"

    readers.append(the_doctor)
    assert Client().get(f"/records/{report.ref}/").status_code == 404
    response = Client().get(f"/records/{report.ref}/", headers={"X-Doctor": "rao"})
    assert response.status_code == 200
    response.close()
