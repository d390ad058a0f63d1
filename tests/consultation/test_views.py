"""Both sides' addresses: who may, who may not, and what they answer."""

import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from sehat.clinic.models import Doctor
from sehat.consultation import queries, services
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Evidence, PutBack, Side
from sehat.kernel.clock import now
from sehat.registration.models import Patient
from tests.consultation.conftest import logged_in
from tests.portal import ROOT

pytestmark = pytest.mark.django_db

SCRIPT = {"Accept": "application/json", "X-Part": "lines"}
SIDES = [Side.PATIENT, Side.DOCTOR]


def picture() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(file, "PNG")
    file.seek(0)
    file.name = "rash.png"
    return file


@pytest.fixture
def browsers(patients_browser: Client, doctors_browser: Client) -> dict[Side, Client]:
    return {Side.PATIENT: patients_browser, Side.DOCTOR: doctors_browser}


def page_of(met: Consultation, side: Side) -> str:
    return reverse("consultation:room" if side is Side.PATIENT else "consultation:doctor", args=[met.ref])


@pytest.mark.parametrize("side", SIDES)
def test_each_side_has_its_page(met: Consultation, browsers: dict[Side, Client], side: Side) -> None:
    answer = browsers[side].get(page_of(met, side))
    assert answer.status_code == 200
    assert 'aria-label="Your video"' in answer.text
    theirs = "Doctor&#x27;s video" if side is Side.PATIENT else "Patient&#x27;s video"
    assert f'aria-label="{theirs}"' in answer.text or f'aria-label="{theirs.replace("&#x27;", chr(39))}"' in answer.text


@pytest.mark.parametrize("side", SIDES)
def test_the_page_asks_few_questions(
    met: Consultation,
    browsers: dict[Side, Client],
    side: Side,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(30):
        services.say(consultation=met, side=side.other, text=f"Line {number}")
    with django_assert_max_num_queries(12):
        browsers[side].get(page_of(met, side))


def test_a_stranger_finds_nothing_anywhere(met: Consultation, meera: Patient, dr_iyer: Doctor) -> None:
    strangers = {Side.PATIENT: logged_in(patient=meera), Side.DOCTOR: logged_in(doctor=dr_iyer)}
    for side, stranger in strangers.items():
        assert stranger.get(page_of(met, side)).status_code == 404
        for name in ("state", "lines"):
            assert stranger.get(reverse(f"consultation:{name}", args=[met.ref, side])).status_code == 404
        for name in ("say", "upload", "evidence"):
            assert stranger.post(reverse(f"consultation:{name}", args=[met.ref, side])).status_code == 404
    for name in ("end", "put_back"):
        assert strangers[Side.DOCTOR].post(reverse(f"consultation:{name}", args=[met.ref])).status_code == 404


@pytest.mark.parametrize("name", ["end", "put_back"])
def test_the_patient_cannot_do_what_the_doctor_does(met: Consultation, patients_browser: Client, name: str) -> None:
    assert patients_browser.post(reverse(f"consultation:{name}", args=[met.ref])).status_code == 404
    assert patients_browser.get(reverse(f"consultation:{name}", args=[met.ref])).status_code == 405


def test_without_the_token_of_the_page_nothing_is_written(met: Consultation, asha: Patient) -> None:
    strict = logged_in(patient=asha, client=Client(enforce_csrf_checks=True))
    answer = strict.post(reverse("consultation:say", args=[met.ref, "patient"]), {"text": "Hello"})
    assert answer.status_code == 403
    assert not queries.lines(met)


@pytest.mark.parametrize("side", SIDES)
def test_lines_are_written_and_fetched(met: Consultation, browsers: dict[Side, Client], side: Side) -> None:
    say = reverse("consultation:say", args=[met.ref, side])
    answer = browsers[side].post(say, {"text": "<script>alert(1)</script>"}, headers=SCRIPT)
    assert answer.status_code == 201
    assert "&lt;script&gt;" in answer.text and 'class="mine"' in answer.text
    written = queries.lines(met)[0].pk
    assert "script" not in browsers[side].post(say, {"text": "More", "after": written}, headers=SCRIPT).text
    lines = reverse("consultation:lines", args=[met.ref, side.other])
    fetched = browsers[side.other].get(lines).text
    assert "&lt;script&gt;" in fetched and "<script>" not in fetched
    assert browsers[side.other].get(f"{lines}?after={written + 1}").text.strip() == ""
    assert browsers[side.other].get(f"{lines}?after=x%00").status_code == 200
    assert browsers[side].post(say, {"text": "By a plain form"}).url == page_of(met, side)  # type: ignore[attr-defined]
    refused = browsers[side].post(say, {"text": "x" * 2001}, headers=SCRIPT)
    assert refused.status_code == 422
    assert "2001" in refused.json()["sentence"]


@pytest.mark.parametrize("side", SIDES)
def test_files_are_sent_and_opened(met: Consultation, browsers: dict[Side, Client], side: Side) -> None:
    upload = reverse("consultation:upload", args=[met.ref, side])
    assert browsers[side].post(upload, {"file": picture()}, headers=SCRIPT).status_code == 201
    assert browsers[side].post(upload, headers=SCRIPT).status_code == 422
    (line,) = queries.lines(met)
    assert line.record is not None
    opened = browsers[side.other].get(reverse("consultation:record", args=[met.ref, side.other, line.record.ref]))
    assert opened.headers["Content-Type"] == "image/png"
    assert "inline" in opened.headers["Content-Disposition"]
    assert b"".join(opened.streaming_content).startswith(b"\x89PNG")  # type: ignore[attr-defined]
    missing = reverse("consultation:record", args=[met.ref, side, "A" * 22])
    assert browsers[side].get(missing).status_code == 404


def test_evidence_is_reported(met: Consultation, doctors_browser: Client) -> None:
    Consultation.objects.update(started_at=now())
    report = reverse("consultation:evidence", args=[met.ref, "doctor"])
    assert doctors_browser.post(report, {"video": 0, "audio": 0, "drops": 0}).status_code == 204
    assert doctors_browser.post(report, {"video": -1, "audio": "x"}).status_code == 422
    assert queries.evidence(met, Side.DOCTOR) == Evidence(0, 0, 0)


def test_after_put_back_both_pages_lead_away(met: Consultation, browsers: dict[Side, Client]) -> None:
    put_back = reverse("consultation:put_back", args=[met.ref])
    assert browsers[Side.DOCTOR].post(put_back, {"reason": "whim"}).status_code == 422
    answer = browsers[Side.DOCTOR].post(put_back, {"reason": PutBack.LINE}, headers={"X-Part": "state"})
    assert f'data-go="{reverse("desk:desk")}"' in answer.text
    state = browsers[Side.PATIENT].get(reverse("consultation:state", args=[met.ref, "patient"]))
    assert f'data-go="{reverse("waiting:room")}"' in state.text
    room = browsers[Side.PATIENT].get(page_of(met, Side.PATIENT))
    assert room.url == reverse("waiting:room")  # type: ignore[attr-defined]


def test_the_patient_sees_each_step_of_the_end(met: Consultation, browsers: dict[Side, Client]) -> None:
    end = reverse("consultation:end", args=[met.ref])
    state = reverse("consultation:state", args=[met.ref, "patient"])
    assert browsers[Side.DOCTOR].post(end).url == page_of(met, Side.DOCTOR)  # type: ignore[attr-defined]
    assert "is writing your prescription" in browsers[Side.PATIENT].get(state).text
    services.complete(consultation=met, now=now())
    ready = browsers[Side.PATIENT].get(state).text
    assert "Your prescription is ready" in ready
    assert reverse("prescription:of_consultation", args=[met.ref]) in ready
    left = browsers[Side.DOCTOR].post(end, headers={"X-Part": "state"}).text
    assert f'data-go="{reverse("desk:desk")}"' in left
    assert browsers[Side.PATIENT].get(page_of(met, Side.PATIENT)).status_code == 200


def test_the_way_back_into_the_consultation(met: Consultation, browsers: dict[Side, Client]) -> None:
    for side, name in ((Side.PATIENT, "mine"), (Side.DOCTOR, "current")):
        answer = browsers[side].get(reverse(f"consultation:{name}"))
        assert answer.url == page_of(met, side)  # type: ignore[attr-defined]


def test_nobody_signed_in_is_led_to_the_login(met: Consultation) -> None:
    for side, login in ((Side.PATIENT, "tokens:login"), (Side.DOCTOR, "accounts:login")):
        assert Client().get(page_of(met, side)).url.startswith(reverse(login))  # type: ignore[attr-defined]


def test_answering_twice_leads_to_the_same_consultation(met: Consultation, doctors_browser: Client) -> None:
    answer = doctors_browser.post(reverse("consultation:answer"))
    assert answer.url == page_of(met, Side.DOCTOR)  # type: ignore[attr-defined]


def test_without_a_call_there_is_nothing_to_answer(doctors_browser: Client) -> None:
    assert doctors_browser.post(reverse("consultation:answer")).status_code == 409


def test_the_check_page_is_for_everybody_and_its_relay_for_those_signed_in(
    settings: object, patients_browser: Client
) -> None:
    settings.TURN_URLS, settings.TURN_SECRET = ["turn:relay.example.in"], "secret"  # type: ignore[attr-defined]
    check = reverse("consultation:check")
    assert "relay.example.in" not in Client().get(check).text
    assert "relay.example.in" in patients_browser.get(check).text


@pytest.mark.parametrize("language", ["hi", "en"])
def test_pages_speak_both_languages(met: Consultation, browsers: dict[Side, Client], language: str) -> None:
    for side in SIDES:
        answer = browsers[side].get(page_of(met, side), headers={"Accept-Language": language})
        assert ("कैमरा" in answer.text) is (language == "hi")


def test_every_module_of_the_call_is_asked_for_at_once(client: Client) -> None:
    scripts = ROOT / "sehat/consultation/static/consultation"
    needed, found = {"main.js"}, set[str]()
    while needed - found:
        name = (needed - found).pop()
        found.add(name)
        needed |= set(re.findall(r'from "\./([\w.-]+)"', (scripts / name).read_text()))
    page = client.get("/check/scripts/").content.decode()
    assert set(re.findall(r'modulepreload" href="[^"]*/([\w-]+)\.', page)) == {
        name.removesuffix(".js") for name in found
    }
