"""One JSON line a request, with nothing of a person: the secrets of links and what people typed stay out."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.test import Client

from sehat.config import logs
from sehat.registration.models import Patient
from tests.conftest import IssueToken

PERSONAL = ("Asha", "Verma", "9876543211", "IC60417M", "asha@example.in", "Shanti Vihar")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the handler of the settings writes, here into memory."""
    out = io.StringIO()
    monkeypatch.setattr(logs, "log", logs.request_log(out))
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.formatter())
    handler.addFilter(logs.OfRequests())
    root = logging.getLogger()
    root.addHandler(handler)
    yield out
    root.removeHandler(handler)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    """Every line, read as JSON."""
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_production_writes_json() -> None:
    handlers: Any = settings.LOGGING["handlers"]
    handler = handlers["stderr"]
    assert (handler["formatter"], handler["filters"]) == ("json", ["of_requests"])
    assert settings.MIDDLEWARE[0] == "sehat.config.logs.RequestLogMiddleware"


def test_a_request_has_a_line_and_its_answer_the_same_id(db: None, client: Client, written: io.StringIO) -> None:
    given = "0123456789abcdef0123456789abcdef"
    answer = client.get("/faq/?mobile=9876543211", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == given
    (line,) = lines(written)
    assert line.pop("timestamp")
    assert line.pop("ms") > 0
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "sehat.requests",
        "request_id": given,
        "method": "GET",
        "route": "/faq/",
        "status": 200,
    }
    forged = client.get("/faq/", headers={"X-Request-ID": '"}\n{"event": "forged'})
    assert re.fullmatch("[0-9a-f]{32}", forged.headers["X-Request-ID"])


def test_secrets_of_links_and_people_stay_out(
    client: Client, asha: Patient, issue_token: IssueToken, written: io.StringIO
) -> None:
    token = issue_token(asha)
    client.post("/login/", {"mobile": asha.mobile, "token_number": token.code})
    secret = "Zm9yZ2VkLXJlZmVyZW5jZQ"
    for path in (
        f"/rx/{secret}/",
        f"/consultation/{secret}/patient/state/",
        f"/no/such/{secret}/",
        f"/records/{secret}/",
    ):
        client.get(path)
    text = written.getvalue()
    assert secret not in text
    assert token.code not in text
    assert not [word for word in PERSONAL if word in text]
    assert {"/consultation/<slug:ref>/<side:side>/state/", "unknown"} <= {line.get("route") for line in lines(written)}


def test_an_error_tells_where_and_not_whom(
    db: None, client: Client, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr("sehat.registration.sessions.queries.patient", None)
    session = client.session
    session["patient"] = 9876543211
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    assert client.get("/waiting/?of=asha@example.in").status_code == 500
    failed = next(line for line in lines(written) if line["level"] == "error")
    assert "request failed: 500 /waiting/" in failed["event"]
    assert "TypeError" in failed["exception"]
    assert "registration/sessions.py" in failed["exception"]
    assert "asha@example.in" not in written.getvalue()


def test_what_a_database_says_of_a_row_is_left_out(asha: Patient, written: io.StringIO) -> None:
    try:
        raise IntegrityError(
            'duplicate key value violates unique constraint "one_patient_per_mobile"\n'
            "DETAIL:  Key (mobile)=(9876543211) already exists for 'Asha Verma' asha@example.in."
        )
    except IntegrityError:
        logging.getLogger("sehat.test").exception("could not store %s for %s", asha.mobile, "asha@example.in")
    text = written.getvalue()
    assert not [word for word in PERSONAL if word in text]
    (line,) = lines(written)
    assert line["event"] == "could not store … for …"
    assert "one_patient_per_mobile" in line["exception"]
