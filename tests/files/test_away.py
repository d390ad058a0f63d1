"""A store of files that is away, be it a bucket or a folder: a sentence and 503, nothing typed lost."""

import json
import logging
import socket
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse

from sehat.audit.models import Entry
from sehat.clinic.models import Doctor, Opd
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Side
from sehat.entitlement.models import RegisterEntry
from sehat.kernel.bucket import ATTEMPTS, CONNECT_SECONDS, READ_SECONDS, Bucket
from sehat.kernel.files import Folder, StoreAway, discard
from sehat.letters.models import Letter
from sehat.prescription.models import Prescription
from sehat.registration.models import Patient
from sehat.tokens import records
from sehat.tokens.models import HealthRecord, Token
from sehat.tokens.rules import By, State
from tests.conftest import IssueToken
from tests.files.conftest import Use
from tests.files.test_bucket import body
from tests.prescription.test_pages import FEVER, HTMX
from tests.tokens.files import keep_record, pdf, upload
from tests.tokens.visitor import RAMESHS_MOBILE, details, error_beside, prove

pytestmark = pytest.mark.django_db

SENTENCE = "We cannot keep or open files at the moment."
HINDI = "फ़ाइलें न रखी जा सकती हैं, न खोली जा सकती हैं।"


@pytest.fixture(params=["bucket", "folder"])
def gone(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers at the endpoint; or the folder has become something else (a mount that is not there)."""
    if request.param == "bucket":
        request.getfixturevalue("away")
        return
    (tmp_path / "files").write_text("no folder")
    folder = Folder(location=tmp_path / "files", base_url=None)
    monkeypatch.setitem(storages._storages, "private", folder)  # type: ignore[attr-defined]
    for model in (HealthRecord, Prescription, Letter):
        monkeypatch.setattr(model._meta.get_field("file"), "storage", folder)


def test_a_registration_keeps_what_was_typed_and_gives_no_token(
    client: Client, register: list[RegisterEntry], opd: Opd, gone: None
) -> None:
    prove(client, RAMESHS_MOBILE)
    asked = details(opd, complaint="Cough since Diwali") | {"records": [upload(pdf())]}
    answer = client.post("/register/details/", asked)
    assert answer.status_code == 503
    assert error_beside(answer, "records").startswith(SENTENCE)
    assert "Cough since Diwali" in answer.text
    assert not Patient.objects.exists()
    assert not Token.objects.exists()
    without = client.post("/register/details/", details(opd))
    assert (without.status_code, without.headers["Location"]) == (302, "/register/done/")


def test_a_prescription_stays_written_and_the_consultation_open(
    met: Consultation, doctors_browser: Client, gone: None
) -> None:
    written: dict[str, Any] = FEVER | {"advice": "Rest and plenty of water", "issue": "1"}
    form = reverse("prescription:form", args=[met.ref])
    answer = doctors_browser.post(form, written, headers=HTMX)
    assert answer.status_code == 503
    assert answer.headers["X-Sentence"]  # what makes the page show it (kernel.js)
    assert SENTENCE in answer.text
    assert "Rest and plenty of water" in answer.text
    assert "PARACETAMOL tablet 500 mg" in answer.text
    met.token.refresh_from_db()
    assert met.token.state == State.CONSULTING
    assert not Prescription.objects.exists()


def test_a_file_in_the_chat_and_one_in_the_waiting_room(
    met: Consultation,
    patients_browser: Client,
    meera: Patient,
    issue_token: IssueToken,
    gone: None,
) -> None:
    chat = reverse("consultation:upload", args=[met.ref, Side.PATIENT])
    script = {"Accept": "application/json", "X-Part": "lines"}
    answer = patients_browser.post(chat, {"file": upload(pdf())}, headers=script)
    assert answer.status_code == 503
    assert json.loads(answer.text)["sentence"].startswith(SENTENCE)
    issue_token(meera, joined=True)
    session = patients_browser.session
    session["patient"] = meera.pk
    session.save()
    answer = patients_browser.post(reverse("waiting:upload"), {"file": upload(pdf())}, headers=HTMX)
    assert answer.status_code == 503
    assert SENTENCE in answer.text
    assert not HealthRecord.objects.exists()


@pytest.mark.parametrize("language", ["en", "hi"])
def test_what_is_to_be_opened_is_told_too(
    issued: Prescription, patients_browser: Client, request: pytest.FixtureRequest, language: str
) -> None:
    """Issued while all was well; then the store goes."""
    request.getfixturevalue("away")
    patients_browser.cookies["django_language"] = language
    for address in (reverse("prescription:pdf", args=[issued.ref]), reverse("history:whole_record")):
        answer = patients_browser.get(address)
        assert answer.status_code == 503
        assert (SENTENCE if language == "en" else HINDI) in answer.text


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_store_that_goes_in_the_middle_of_the_whole_record(
    bucket: Bucket, issued: Prescription, patients_browser: Client, language: str
) -> None:
    """The first files have been gathered; none of them is sent."""
    for name in ("first.pdf", "second.pdf"):
        keep_record(issued.consultation.token, records.take(upload(pdf(), name)), by=By.PATIENT)
    whole = patients_browser.get(reverse("history:whole_record"))
    assert body(whole).startswith(b"PK")
    bucket.delete(str(HealthRecord.objects.latest("pk").file.name))
    patients_browser.cookies["django_language"] = language
    answer = patients_browser.get(reverse("history:whole_record"))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.headers["Content-Type"].startswith("text/html")
    assert (SENTENCE if language == "en" else HINDI) in answer.text
    assert Entry.objects.filter(action="history.export").count() == 1


def test_a_row_whose_file_is_not_there_says_the_same(issued: Prescription, bucket: Bucket) -> None:
    answer = Client().get(reverse("prescription:pdf", args=[issued.ref]))
    assert answer.status_code == 503
    assert SENTENCE in answer.text


def test_neither_log_nor_error_names_a_file(away: Bucket, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(StoreAway) as raised:
        away.open("prescriptions/2026/11/23/the-key-of-a-page.pdf")
    assert raised.value.values["reason"] == "EndpointConnectionError"
    assert "the store of files failed: EndpointConnectionError" in caplog.text
    assert "the-key-of-a-page" not in caplog.text
    discard("prescriptions/2026/11/23/the-key-of-a-page.pdf")  # while something else is told
    assert "the-key-of-a-page" not in caplog.text


def test_a_store_that_hangs_is_given_up(use: Use, ten_o_clock: datetime, dr_rao: Doctor) -> None:
    """It takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        slow = use(f"http://127.0.0.1:{server.getsockname()[1]}")
        config = slow.client_config
        assert (config.connect_timeout, config.read_timeout) == (CONNECT_SECONDS, READ_SECONDS)
        slow.client_config = config.merge(Config(read_timeout=0.2))
        with pytest.raises(StoreAway) as raised:
            slow.save("records/one", ContentFile(b"x"))
        assert raised.value.values["reason"] == "ReadTimeoutError"
        server.settimeout(0)
        asked = 0
        while True:
            try:
                server.accept()[0].close()
            except BlockingIOError:
                break
            asked += 1
        assert asked == ATTEMPTS
        slow.connection.meta.client.close()
    assert ATTEMPTS * (CONNECT_SECONDS + READ_SECONDS) < 30
