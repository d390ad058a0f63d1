"""A database that is away: 503 and a sentence on pages, pieces and for apps; what was typed can be sent again."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from html import unescape
from typing import cast

import pytest
from django.core.handlers.exception import convert_exception_to_response
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from sehat.kernel.away import is_away
from sehat.registration.models import Otp

pytestmark = pytest.mark.django_db(transaction=True)

MOBILE = "98765 43210"
NOT_SAVED = "so what you sent just now could not be saved"
NOT_SAVED_IN_HINDI = "अभी भेजी गई जानकारी सुरक्षित नहीं हो सकी"


@pytest.fixture
def visitor() -> Client:
    """Somebody who is answered as production answers."""
    return Client(raise_request_exception=False)


@pytest.fixture
def back() -> Iterator[Callable[[], None]]:
    """The database goes away: on SQLite somebody holds its lock for longer than anybody waits, on PostgreSQL it has
    thrown our connection out. Called, it is back.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (ours,) = cursor.fetchone()
        other = connections.create_connection("default")
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ours])
        other.close()
        yield connection.close
        connection.close()
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=20")
    holder = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield holder.close
    holder.close()
    connection.close()


def hidden(page: str) -> dict[str, str]:
    """What the page would send again."""
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}


def test_a_form_can_be_sent_again_from_the_page_that_says_so(visitor: Client, back: Callable[[], None]) -> None:
    typed = {"mobile": MOBILE, "csrfmiddlewaretoken": "as it came", "x": '<"\n>'}
    answer = visitor.post("/register/?from=poster", typed)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert NOT_SAVED in answer.text
    assert "Traceback" not in answer.text
    assert '<form method="post" action="/register/?from=poster">' in answer.text
    sent = hidden(answer.text)
    assert sent == typed
    back()
    assert not Otp.objects.exists()
    again = visitor.post("/register/?from=poster", sent)
    assert again.status_code == 302
    assert Otp.objects.count() == 1


def test_in_hindi_too(visitor: Client, back: Callable[[], None]) -> None:
    visitor.cookies["django_language"] = "hi"
    answer = visitor.post("/register/", {"mobile": MOBILE})
    assert answer.status_code == 503
    assert NOT_SAVED_IN_HINDI in answer.text
    assert 'lang="hi"' in answer.text


def test_a_password_does_not_stand_in_the_page(visitor: Client, back: Callable[[], None]) -> None:
    answer = visitor.post("/staff/login/", {"username": "rao", "password": "a-long-enough-password"})
    assert answer.status_code == 503
    assert "a-long-enough-password" not in answer.text
    assert "go back" in answer.text


def test_a_piece_of_a_page_is_told_beside_it(visitor: Client, back: Callable[[], None]) -> None:
    answer = visitor.post("/register/", {"mobile": MOBILE}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["X-Sentence"]) == (503, "beside")
    assert NOT_SAVED in answer.text
    assert "<html" not in answer.text
    assert MOBILE not in answer.text, "it stands where it was typed"


def test_an_app_and_a_script_are_told_in_json(visitor: Client, back: Callable[[], None]) -> None:
    for answer in (
        visitor.post("/api/v1/otp", {"mobile": MOBILE}, content_type="application/json"),
        visitor.post("/register/", {"mobile": MOBILE}, headers={"Accept": "application/json"}),
    ):
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "10"
        said = answer.json()
        assert said["error"] == "NotSaved"
        assert NOT_SAVED in said["sentence"]


@pytest.mark.parametrize(
    "wrong", ["SELECT * FROM no_such_table", "SELECT no_such_column FROM django_session", "SELEKT"]
)
def test_a_mistake_of_ours_stays_one(wrong: str) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute(wrong)
        return HttpResponse()

    answer = cast(HttpResponse, convert_exception_to_response(view)(RequestFactory().get("/")))
    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers
    assert not is_away(None)
