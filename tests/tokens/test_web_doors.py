"""In and out: both logins, the lock-out, the reminder, cancelling, logout."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db.models import F
from django.test import Client

from sehat.accounts.models import Staff, Throttle
from sehat.notices.models import Notice
from sehat.registration.models import Patient
from sehat.tokens.models import Token
from sehat.tokens.rules import State
from tests.conftest import PASSWORD, IssueToken
from tests.tokens.visitor import error_beside, prove

pytestmark = pytest.mark.django_db

if TYPE_CHECKING:
    from tests.tokens.visitor import Answer

UNKNOWN = "9876543298"


@pytest.fixture
def token(asha: Patient, issue_token: IssueToken) -> Token:
    """Asha's token of today."""
    return issue_token(asha)


def log_in(client: Client, mobile: str, code: str) -> "Answer":
    return client.post("/login/", {"mobile": mobile, "token": code})


def wrong_code(token: Token) -> str:
    return token.code[:-4] + f"{(int(token.secret) + 1) % 10_000:04d}"


def alert(response: "Answer") -> str:
    found = re.search(r'role="alert">\s*<p>(.*?)</p>', response.content.decode(), re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("write", [str.upper, str.lower, lambda c: c.replace("-", " "), lambda c: c.replace("-", "")])
def test_the_token_opens_the_waiting_room(client: Client, token: Token, write: Callable[[str], str]) -> None:
    response = log_in(client, "+91 98765-43211", write(token.code))
    assert (response.status_code, response.headers["Location"]) == (302, "/waiting/")
    token.refresh_from_db()
    assert token.state == State.WAITING
    assert client.session["patient"] == token.patient_id


def test_logging_in_again_keeps_the_place(client: Client, token: Token) -> None:
    log_in(client, "9876543211", token.code)
    before = Token.objects.get().turn_key
    client.post("/logout/")
    assert log_in(client, "9876543211", token.code).status_code == 302
    assert Token.objects.get().turn_key == before


def test_what_is_no_token_number_costs_no_try(client: Client, db: None) -> None:
    response = log_in(client, "9876543211", "hello")
    assert response.status_code == 422
    assert "G042-8317" in error_beside(response, "token")
    assert not Throttle.objects.exists()


def test_known_and_unknown_numbers_are_answered_alike(token: Token) -> None:
    answers = []
    for mobile, code in (("9876543211", wrong_code(token)), (UNKNOWN, token.code), (UNKNOWN, "G999-0000")):
        response = log_in(Client(), mobile, code)
        answers.append((response.status_code, alert(response)))
    assert len(set(answers)) == 1
    assert answers[0][0] == 422


def test_the_sixth_try_is_locked_out_even_with_the_right_token(client: Client, token: Token) -> None:
    for _ in range(5):
        assert log_in(client, "9876543211", wrong_code(token)).status_code == 422
    locked = log_in(client, "9876543211", token.code)
    assert locked.status_code == 429
    assert "15 minutes" in alert(locked)
    assert "Login with OTP" in locked.content.decode()
    assert "patient" not in client.session
    Throttle.objects.update(locked_until=F("locked_until") - timedelta(minutes=15))
    assert log_in(client, "9876543211", token.code).status_code == 302


def test_an_unknown_number_is_locked_out_alike(client: Client, token: Token) -> None:
    answers = {
        mobile: [log_in(Client(REMOTE_ADDR=f"198.51.100.{at}"), mobile, wrong_code(token)) for _ in range(6)]
        for at, mobile in enumerate(("9876543211", UNKNOWN))
    }
    known, unknown = ([(r.status_code, alert(r)) for r in answers[m]] for m in ("9876543211", UNKNOWN))
    assert known == unknown


def test_a_right_token_forgives(client: Client, token: Token) -> None:
    for _ in range(4):
        log_in(client, "9876543211", wrong_code(token))
    assert log_in(client, "9876543211", token.code).status_code == 302
    client.post("/logout/")
    for _ in range(5):
        assert log_in(client, "9876543211", wrong_code(token)).status_code == 422


def test_an_address_that_tries_five_mobiles_is_locked_and_the_neighbour_is_not(token: Token) -> None:
    guesser, neighbour = Client(REMOTE_ADDR="203.0.113.7"), Client(REMOTE_ADDR="203.0.113.8")
    for number in range(5):
        assert log_in(guesser, f"987654330{number}", "G001-0000").status_code == 422
    assert log_in(guesser, "9876543211", token.code).status_code == 429
    assert log_in(neighbour, "9876543211", token.code).status_code == 302


def test_the_way_back_leads_only_to_our_own_pages(token: Token) -> None:
    ways = {"/history/": "/history/", "https://evil.example/": "/waiting/", "//evil": "/waiting/"}
    for wanted, reached in ways.items():
        client = Client()
        response = client.post(f"/login/?next={wanted}", {"mobile": "9876543211", "token": token.code})
        assert response.headers["Location"] == reached


def test_with_otp_and_token_into_the_line(client: Client, token: Token) -> None:
    assert prove(client, "9876543211", start="/login/otp/").headers["Location"] == "/waiting/"
    token.refresh_from_db()
    assert token.state == State.WAITING


def test_with_otp_and_without_token_to_the_past(client: Client, asha: Patient) -> None:
    assert prove(client, asha.mobile, start="/login/otp/").headers["Location"] == "/history/"
    assert client.session["patient"] == asha.pk


def test_with_otp_an_unknown_mobile_may_register(client: Client, db: None) -> None:
    assert prove(client, UNKNOWN, start="/login/otp/").headers["Location"] == "/register/details/"
    assert "patient" not in client.session


def test_the_reminder_goes_to_the_registered_mobile(client: Client, token: Token) -> None:
    response = client.post("/login/forgot/", {"mobile": "98765 43211"})
    assert response.status_code == 200
    sms = Notice.objects.get(kind="reminder", channel="sms")
    assert sms.to == "9876543211"
    assert token.code in sms.text
    assert token.patient.grouped_id in sms.text


def test_the_reminder_page_says_the_same_to_everybody(asha: Patient) -> None:
    pages = [Client().post("/login/forgot/", {"mobile": mobile}).content.decode() for mobile in (asha.mobile, UNKNOWN)]
    bare = [re.sub(r'X-CSRFToken": "[^"]*"|value="[^"]*"', "", page) for page in pages]
    assert bare[0] == bare[1]


def test_without_a_token_the_reminder_says_so_in_the_patients_language(client: Client, meera: Patient) -> None:
    client.post("/login/forgot/", {"mobile": meera.mobile})
    assert "कोई नहीं" in Notice.objects.get(kind="reminder").text


def test_five_reminders_an_hour(client: Client, meera: Patient) -> None:
    for _ in range(7):
        assert client.post("/login/forgot/", {"mobile": meera.mobile}).status_code == 200
    assert Notice.objects.filter(kind="reminder", channel="sms").count() == 5


def test_a_wrong_mobile_is_told(client: Client, db: None) -> None:
    response = client.post("/login/forgot/", {"mobile": "12"})
    assert response.status_code == 422
    assert error_beside(response, "mobile")


def test_cancelling_asks_for_the_token_then_once_more(client: Client, token: Token) -> None:
    assert client.get("/token/cancel/").status_code == 200
    named = client.post("/token/cancel/", {"mobile": "9876543211", "token": token.code})
    assert (named.status_code, named.headers["Location"]) == (302, "/token/cancel/")
    asked = client.get("/token/cancel/").content.decode()
    assert token.code in asked
    token.refresh_from_db()
    assert token.state == State.ISSUED
    done = client.post("/token/cancel/", {"sure": "1"})
    assert done.status_code == 200
    token.refresh_from_db()
    assert token.state == State.CANCELLED
    assert Notice.objects.filter(kind="token_cancelled", channel="sms").count() == 1
    assert "no open token" in client.get("/token/cancel/").content.decode()
    assert client.post("/token/cancel/", {"sure": "1"}).status_code == 200


def test_cancelling_is_behind_the_same_lock(client: Client, token: Token) -> None:
    for _ in range(5):
        client.post("/token/cancel/", {"mobile": "9876543211", "token": wrong_code(token)})
    assert client.post("/token/cancel/", {"mobile": "9876543211", "token": token.code}).status_code == 429


def test_a_token_with_the_doctor_is_not_cancelled(client: Client, token: Token) -> None:
    log_in(client, "9876543211", token.code)
    Token.objects.update(state=State.CONSULTING)
    response = client.post("/token/cancel/", {"sure": "1"})
    assert response.status_code == 409
    assert "no longer be cancelled" in response.content.decode()


def test_logout_ends_the_patient_and_not_the_doctor(client: Client, token: Token, ama_clerk: Staff) -> None:
    client.post("/staff/login/", {"username": ama_clerk.username, "password": PASSWORD})
    log_in(client, "9876543211", token.code)
    assert client.session["_auth_user_id"] == str(ama_clerk.pk)
    key = client.session.session_key
    response = client.post("/logout/")
    assert response.headers["Location"] == "/"
    assert "patient" not in client.session
    assert client.session["_auth_user_id"] == str(ama_clerk.pk)
    assert client.session.session_key != key
    assert client.get("/logout/").status_code == 405


def test_a_login_gives_the_session_a_new_key(client: Client, token: Token, ama_clerk: Staff) -> None:
    client.post("/staff/login/", {"username": ama_clerk.username, "password": PASSWORD})
    key = client.session.session_key
    log_in(client, "9876543211", token.code)
    assert client.session.session_key != key


def test_what_the_neighbour_proved_is_not_mine(client: Client, token: Token, meera: Patient) -> None:
    prove(client, meera.mobile)
    log_in(client, "9876543211", token.code)
    assert client.get("/register/details/").headers["Location"] == "/register/done/"
    assert token.code in client.get("/register/done/").content.decode()


def test_strangers_are_sent_to_the_login_and_come_back(client: Client, db: None) -> None:
    assert client.get("/waiting/").headers["Location"] == "/login/?next=%2Fwaiting%2F"
    by_htmx = client.get("/waiting/", headers={"HX-Request": "true"})
    assert by_htmx.headers["HX-Redirect"] == "/login/"


def test_a_session_of_a_vanished_patient_is_nobody(client: Client, db: None) -> None:
    session = client.session
    session["patient"] = 4711
    session.save()
    assert client.get("/waiting/").status_code == 302
