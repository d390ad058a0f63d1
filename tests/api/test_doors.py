"""Who gets in: sessions with CSRF, HQ for a reason, and nothing for the curious. Nothing is loaded before its time."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from sehat.accounts.models import Staff
from sehat.audit.models import Entry
from sehat.prescription.models import Prescription
from sehat.registration.models import Patient
from tests.api.conftest import App, AppOf
from tests.consultation.conftest import logged_in

pytestmark = pytest.mark.django_db

JSON = "application/json"
REASON = "Complaint 17 of the station commander"


def test_a_session_may_read_and_needs_csrf_to_change(asha: Patient) -> None:
    browser = logged_in(patient=asha, client=Client(enforce_csrf_checks=True))
    assert browser.get("/api/v1/me").json()["name"] == "Asha Verma"
    refused = browser.post("/api/v1/logout", {}, JSON)
    assert (refused.status_code, refused.json()["error"]) == (403, "NotFromHere")
    browser.get("/login/")  # the page brings the CSRF cookie
    token = browser.cookies["csrftoken"].value
    assert browser.post("/api/v1/logout", {}, JSON, headers={"X-CSRFToken": token}).status_code == 204
    assert browser.get("/api/v1/me").status_code == 401


def test_a_key_needs_no_csrf(asha: Patient, app_of: AppOf) -> None:
    browser = Client(enforce_csrf_checks=True)
    headers = {"Authorization": f"Bearer {app_of(asha).key}"}
    assert browser.post("/api/v1/logout", {}, JSON, headers=headers).status_code == 204


def test_a_wrong_key_is_told_nothing(stranger: App) -> None:
    for key in ("", "x", "x" * 10_000, "\u0939"):
        stranger.key = key.encode().decode("latin-1")
        answer = stranger.get("me")
        assert answer.status_code == 401
        assert answer.json() == {
            "error": "NotSignedIn",
            "sentence": "Please log in with your mobile number and an OTP.",
        }


def test_hq_gets_a_record_for_a_reason(issued: Prescription, hq: Staff) -> None:
    client = Client()
    client.force_login(hq, backend="sehat.accounts.backend.StaffBackend")
    asked = {"number": issued.number, "record": "consultation", "reason": REASON}
    answer = client.post("/api/v1/hq/records", asked, JSON)
    assert answer.status_code == 200
    assert answer.json()["type"] == "document"
    (entry,) = Entry.objects.filter(action="record.export")
    assert entry.details["reason"] == REASON
    paper = client.post("/api/v1/hq/records", asked | {"record": "pdf"}, JSON)
    assert b"".join(paper.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    short = client.post("/api/v1/hq/records", asked | {"reason": "why not"}, JSON)
    assert (short.status_code, list(short.json()["fields"])) == (422, ["reason"])
    unknown = client.post("/api/v1/hq/records", asked | {"number": "RX-0000-0000-0"}, JSON)
    assert (unknown.status_code, list(unknown.json()["fields"])) == (422, ["number"])


def test_other_staff_and_patients_find_no_hq(
    issued: Prescription, commandant: Staff, asha: Patient, app_of: AppOf, stranger: App
) -> None:
    asked = {"number": issued.number, "record": "consultation", "reason": REASON}
    client = Client()
    client.force_login(commandant, backend="sehat.accounts.backend.StaffBackend")
    assert client.post("/api/v1/hq/records", asked, JSON).status_code == 404
    assert app_of(asha).post("hq/records", asked).status_code == 401
    assert stranger.post("hq/records", asked).status_code == 401
    assert not Entry.objects.filter(action="record.export").exists()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"mobile": 7}', b'{"mobile": "\\u0000"}', b"null"])
def test_what_is_no_request_is_refused(stranger: App, body: bytes) -> None:
    answer = Client().post("/api/v1/otp", body, JSON)
    assert answer.status_code in {400, 422}
    assert answer.json()["sentence"]


def test_an_unknown_address_is_told_in_json(stranger: App) -> None:
    answer = stranger.get("nothing/of/the/kind")
    assert (answer.status_code, answer.json()["error"]) == (404, "NotThere")


def test_an_idle_portal_has_not_loaded_what_few_ask_for() -> None:
    """They would cost a start a third of a second, and every process 15 MB and 13."""
    look = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'\n"
        "import sehat.config.asgi\n"
        "from django.urls import reverse; reverse('api:openapi'); reverse('site:home')\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'ninja', 'pydantic', 'fhir', 'cryptography'}))"
    )
    there = Path(__file__).resolve().parent.parent.parent
    done = subprocess.run([sys.executable, "-c", look], cwd=there, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
