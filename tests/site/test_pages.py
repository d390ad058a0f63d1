"""The public pages: what they say of the day, in both languages."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from django.utils.translation import override
from pytest_django.asserts import assertInHTML
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.registration.models import Patient
from sehat.site import queries
from tests.conftest import IssueToken

LINKS = [
    "Patient Registration",
    "Patient Login",
    "Doctors' Status",
    "Verify Prescription",
    "FAQ",
    "Contact",
    "Staff Login",
]
PAGES = ["/", "/faq/", "/doctors/", "/contact/", "/contact/sent/", "/privacy/", "/accessibility/"]
PIECE = {"HX-Request": "true"}


def read(client: Client, path: str, **headers: str) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200
    return response.content.decode().replace("&#x27;", "'")


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_in_both_languages(client: Client, db: None, path: str, language: str) -> None:
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    page = read(client, path)
    assert f'<html lang="{language}">' in page
    assert ("हिन्दी</button>" in page) == (language == "en")
    assert ("English</button>" in page) == (language == "hi")


def test_home_has_each_link_once(client: Client, db: None) -> None:
    page = read(client, "/")
    assert {link: page.count(f">{link}</a>") for link in LINKS} == dict.fromkeys(LINKS, 1)


def test_home_counts_doctors_and_patients(
    client: Client,
    dr_rao: Doctor,
    dr_iyer: Doctor,
    asha: Patient,
    meera: Patient,
    issue_token: IssueToken,
) -> None:
    Doctor.objects.filter(pk=dr_rao.pk).update(state=DoctorState.CONSULTING)
    issue_token(asha, joined=True)
    issue_token(meera)  # not in the waiting room yet
    figures = read(client, "/", **PIECE)
    assert "<html" not in figures
    assertInHTML('<dd class="big-number">1</dd>', figures, count=2)


def test_home_asks_the_database_once_in_five_seconds(
    client: Client, dr_rao: Doctor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/")
    with django_assert_num_queries(0):
        client.get("/")


def test_home_says_when_it_opens(opening_hours: None, dr_rao: Doctor, ten_o_clock: datetime) -> None:
    assert queries.figures(now=ten_o_clock).open_until == ten_o_clock + timedelta(hours=7)
    cache.clear()
    evening = ten_o_clock + timedelta(hours=9)
    assert queries.figures(now=evening).open_until is None
    assert queries.figures(now=evening).opens_next == ten_o_clock + timedelta(hours=23)


@pytest.fixture
def opening_hours(settings: Settings) -> None:
    settings.OPEN_AT_ANY_HOUR = False


def test_doctors_status_names_everyone_with_state(client: Client, dr_rao: Doctor, dr_nair: Doctor) -> None:
    Doctor.objects.filter(pk=dr_nair.pk).update(state=DoctorState.AVAILABLE)
    page = read(client, "/doctors/")
    for words in ("Lt Col Arvind Rao", "MBBS, MD", "KMC-1", "General OPD", "Offline", "Medicine", "Available"):
        assert words in page


def test_a_doctor_who_left_is_not_listed(client: Client, dr_rao: Doctor) -> None:
    dr_rao.staff.is_active = False
    dr_rao.staff.save()
    assert "Arvind Rao" not in read(client, "/doctors/")


def test_languages_are_named_in_the_readers_own() -> None:

    with override("hi"):
        assert queries.spoken("English, Hindi,Bhojpuri, ") == ["अंग्रेज़ी", "हिन्दी", "Bhojpuri"]


def test_faq_answers_all_questions(client: Client, db: None) -> None:
    page = read(client, "/faq/")
    assert page.count("<summary>") == page.count("</details>") == 19
    assert "How do I get my medicines?" in page


def test_manifest_names_the_portal(client: Client, db: None) -> None:
    response = client.get("/app.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    assert response.json()["name"] == "SeHAT OPD"
