"""A health record behind its link: for its patient and for nobody else."""

import pytest
from django.test import Client

from sehat.kernel.clock import now as clock
from sehat.registration.models import Patient
from sehat.tokens import records, services
from sehat.tokens.models import HealthRecord
from tests.conftest import IssueToken
from tests.tokens.files import pdf, picture, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(asha: Patient, issue_token: IssueToken) -> HealthRecord:
    """Asha's report, a PDF."""
    return _keep(asha, issue_token, pdf(), "रिपोर्ट.pdf")


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


def test_to_another_patient_it_does_not_exist(report: HealthRecord, mohan: Patient) -> None:
    client = _signed_in(mohan)
    assert client.get(f"/records/{report.ref}/").status_code == 404
    assert client.get("/records/nothing-here/").status_code == 404
    assert client.post(f"/records/{report.ref}/").status_code == 405


def test_a_stranger_is_sent_to_the_login_whether_it_exists_or_not(report: HealthRecord) -> None:
    for ref in (report.ref, "nothing-here"):
        response = Client().get(f"/records/{ref}/")
        assert response.headers["Location"].startswith("/login/?next=")
