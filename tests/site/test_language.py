"""The switch in the header: the language of the pages, and of the notices of those who are signed in."""

import pytest
from django.conf import settings
from django.test import Client

from sehat.accounts.models import Staff
from sehat.live.sessions import PATIENT_KEY
from sehat.registration.models import Patient


def test_the_switch_changes_the_language_and_goes_back(client: Client, db: None) -> None:
    response = client.post("/language/", {"language": "hi", "next": "/faq/?from=home"})
    assert response.headers["Location"] == "/faq/?from=home"
    assert 'lang="hi"' in client.get("/").content.decode()


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:x", ""])
def test_it_leads_to_no_other_place(client: Client, db: None, target: str) -> None:
    assert client.post("/language/", {"language": "hi", "next": target}).headers["Location"] == "/"


def test_an_unknown_language_changes_nothing(client: Client, db: None) -> None:
    client.post("/language/", {"language": "tlh", "next": "/"})
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies


def test_a_patients_notices_follow(client: Client, asha: Patient) -> None:
    session = client.session
    session[PATIENT_KEY] = asha.pk
    session.save()
    client.post("/language/", {"language": "hi", "next": "/"})
    asha.refresh_from_db()
    assert asha.language == "hi"


def test_a_member_of_staff_keeps_the_language(client: Client, hq: Staff) -> None:
    client.force_login(hq, backend="sehat.accounts.backend.StaffBackend")
    client.post("/language/", {"language": "hi", "next": "/"})
    hq.refresh_from_db()
    assert hq.language == "hi"


def test_a_link_cannot_switch(client: Client, db: None) -> None:
    assert client.get("/language/").status_code == 405
