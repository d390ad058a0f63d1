"""The waiting room as a patient sees it."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from sehat.clinic.models import Doctor
from sehat.consultation import services as consultations
from sehat.desk import queries as desk_queries
from sehat.desk import services as desk
from sehat.kernel.clock import now
from sehat.live.sessions import PATIENT_KEY
from sehat.registration.models import Patient
from sehat.tokens import services as tokens
from sehat.tokens.models import HealthRecord
from sehat.tokens.rules import State
from sehat.waiting import services as waiting
from tests.conftest import IssueToken
from tests.tokens.files import picture, upload

pytestmark = pytest.mark.django_db


def browser_of(patient: Patient) -> Client:
    """A browser in which the patient is signed in."""
    client = Client()
    session = client.session
    session[PATIENT_KEY] = patient.pk
    session.save()
    return client


def test_nobody_is_sent_to_the_login(client: Client) -> None:
    response = client.get("/waiting/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login/")


def test_without_a_token_the_page_says_what_to_do(asha: Patient) -> None:
    page = browser_of(asha).get("/waiting/").content.decode()
    assert "You have no token" in page
    assert "Take a new token" in page


def test_the_page_shows_place_and_patients_ahead(asha: Patient, mohan: Patient, issue_token: IssueToken) -> None:
    issue_token(mohan, now=now(), joined=True)
    issue_token(asha, now=now(), joined=True)
    page = browser_of(asha).get("/waiting/").content.decode()
    assert 'id="place">2<' in page
    assert 'id="ahead">1<' in page
    assert "Not known yet" in page


def test_a_new_login_finds_the_same_place(asha: Patient, mohan: Patient, issue_token: IssueToken) -> None:
    token = issue_token(asha, now=now(), joined=True)
    issue_token(mohan, now=now() + timedelta(minutes=30), joined=True)
    for _ in range(2):
        client = browser_of(asha)
        assert 'id="place">1<' in client.get("/waiting/").content.decode()
        client.post("/logout/")
        assert client.get("/waiting/").status_code == 302
    token.refresh_from_db()
    assert token.state == State.WAITING


def test_her_other_pages_say_that_the_doctor_calls(asha: Patient, dr_rao: Doctor, issue_token: IssueToken) -> None:
    assert Client().get("/waiting/called/").status_code == 286, "a stranger's page asks no more"
    client = browser_of(asha)
    assert client.get("/waiting/called/").status_code == 286, "nor one without a token"
    token = issue_token(asha, now=now(), joined=True)
    assert not client.get("/waiting/called/").content.strip()
    assert 'hx-get="/waiting/called/"' in client.get("/check/").content.decode()
    desk.go_available(doctor=dr_rao, now=now())
    assert "Please press Call Now" in client.get("/waiting/called/").content.decode()
    waiting.press_call_now(token=token, now=now())
    call = desk_queries.open_call_of(dr_rao)
    assert call
    consultations.answer(call=call, now=now())
    assert "waiting for you in the consultation" in client.get("/waiting/called/").content.decode()


def test_call_now_is_dark_until_called(asha: Patient, dr_rao: Doctor, issue_token: IssueToken) -> None:
    token = issue_token(asha, now=now(), joined=True)
    client = browser_of(asha)
    assert "disabled>Call Now" in client.get("/waiting/").content.decode()
    desk.go_available(doctor=dr_rao, now=now())
    page = client.get("/waiting/").content.decode()
    assert "disabled>Call Now" not in page
    assert "data-called" in page
    assert client.post("/waiting/call-now/").status_code == 302
    assert "desk is ringing" in client.get("/waiting/").content.decode()
    token.refresh_from_db()
    assert token.state == State.CALLED


def test_pressing_a_dark_button_is_refused_in_a_sentence(asha: Patient, issue_token: IssueToken) -> None:
    issue_token(asha, now=now(), joined=True)
    response = browser_of(asha).post("/waiting/call-now/")
    assert response.status_code == 409
    assert "Please stay in the waiting room" in response.content.decode()


def test_who_missed_the_call_reads_why(asha: Patient, mohan: Patient, dr_rao: Doctor, issue_token: IssueToken) -> None:
    issue_token(asha, now=now(), joined=True)
    desk.go_available(doctor=dr_rao, now=now())
    issue_token(mohan, now=now(), joined=True)
    desk.sweep(now=now() + timedelta(minutes=3))
    assert "Call Now was not pressed in time" in browser_of(asha).get("/waiting/").content.decode()


def test_from_registration_one_joins_by_a_post(asha: Patient, issue_token: IssueToken) -> None:
    token = issue_token(asha, now=now())
    client = browser_of(asha)
    assert "Join the line" in client.get("/waiting/").content.decode()
    token.refresh_from_db()
    assert token.state == State.ISSUED
    client.post("/waiting/join/")
    token.refresh_from_db()
    assert token.state == State.WAITING


def test_a_record_is_added_and_a_renamed_program_is_not(asha: Patient, issue_token: IssueToken) -> None:
    issue_token(asha, now=now(), joined=True)
    client = browser_of(asha)
    good = client.post("/waiting/upload/", {"file": upload(picture(), "photo.jpg")}, headers={"HX-Request": "true"})
    assert (good.status_code, HealthRecord.objects.count()) == (200, 1)
    bad = client.post(
        "/waiting/upload/", {"file": upload(b"MZ\x90\x00 a program", "report.pdf")}, headers={"HX-Request": "true"}
    )
    assert (bad.status_code, HealthRecord.objects.count()) == (422, 1)
    assert "neither a PDF nor a picture" in bad.content.decode()


def test_a_fourth_record_is_refused(asha: Patient, issue_token: IssueToken) -> None:
    issue_token(asha, now=now(), joined=True)
    client = browser_of(asha)
    for number in range(4):
        response = client.post(
            "/waiting/upload/", {"file": upload(picture(), f"{number}.jpg")}, headers={"HX-Request": "true"}
        )
    assert response.status_code == 422
    assert "up to 3 files" in response.content.decode()
    assert HealthRecord.objects.count() == 3


@pytest.mark.parametrize("others", [0, 40])
def test_the_page_asks_at_most_twelve_questions_whatever_the_queue(
    others: int, asha: Patient, issue_token: IssueToken, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(others):
        other = Patient.objects.get(pk=asha.pk)
        other.pk, other.mobile, other.patient_id = None, f"98765{number:05d}", f"{number:012d}"
        other.save()
        issue_token(other, now=now(), joined=True)
    issue_token(asha, now=now(), joined=True)
    client = browser_of(asha)
    with django_assert_max_num_queries(12):
        client.get("/waiting/")
    with django_assert_max_num_queries(10):
        client.get("/waiting/state/")


def test_the_fragment_sends_an_ended_token_back_to_the_page(asha: Patient, issue_token: IssueToken) -> None:
    tokens.cancel(token=issue_token(asha, now=now(), joined=True), now=now())
    response = browser_of(asha).get("/waiting/state/", headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == "/waiting/"


def test_in_hindi_the_room_speaks_hindi(asha: Patient, issue_token: IssueToken) -> None:
    issue_token(asha, now=now(), joined=True)
    page = browser_of(asha).get("/waiting/", headers={"Accept-Language": "hi"}).content.decode()
    assert "ओपीडी परामर्श कक्ष" in page
    assert "अभी कॉल करें" in page
