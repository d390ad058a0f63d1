"""What is asked and measured, and the guidelines at work: while the form is written, and again at issue."""

import json
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from sehat.audit.models import Entry
from sehat.clinic.models import Doctor
from sehat.consultation import services as consultations
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Evidence, Side
from sehat.kernel.clock import india_day, now
from sehat.prescription import fhir, noting, vitals
from sehat.prescription.clinical_form import words_of
from sehat.prescription.models import Allergy, Prescription
from sehat.prescription.writing import Clinical
from sehat.registration.models import Patient
from tests.consultation.conftest import Meet
from tests.papers.reading import text_of

HTMX = {"HX-Request": "true"}
SAVE = {"window": "one", "version": "1", "judge": "1"}


def line(code: str, **more: str) -> str:
    """A line as the form sends it."""
    return json.dumps({"medicine": code, "medicine_code": code, "frequency": "1-0-1", "days": "5"} | more)


PARACETAMOL = line("paracetamol-tablet-500-mg")
AMOXICILLIN = line("amoxicillin-capsule-500-mg")
ENALAPRIL = line("enalapril-tablet-5-mg", frequency="1-0-0", days="30")
FEVER: dict[str, Any] = {"complaint": "Fever", "chosen": ["R50.9"], "confirmed": "on", "issue": "1"}


def _words(response: Any) -> str:
    return unescape(response.content.decode())


@pytest.fixture
def form(met: Consultation) -> str:
    return reverse("prescription:form", args=[met.ref])


@pytest.fixture
def states(met: Consultation) -> str:
    """Where the draft is kept, and each line judged with it."""
    return reverse("prescription:draft", args=[met.ref])


@pytest.fixture
def video(met: Consultation) -> None:
    """Both have seen each other for more than a minute."""
    _video_stands(met)


def _video_stands(consultation: Consultation) -> None:
    later = consultation.started_at + timedelta(minutes=5)
    for side in Side:
        consultations.report(consultation=consultation, side=side, reported=Evidence(100, 100), now=later)


def test_in_the_first_minute_a_list_a_medicine_waits_for_the_video(
    met: Consultation, form: str, doctors_browser: Client
) -> None:
    sent = FEVER | {"line": [PARACETAMOL, AMOXICILLIN]}
    refused = doctors_browser.post(form, sent, headers=HTMX)
    page = _words(refused)
    assert refused.status_code == 422
    assert "AMOXICILLIN capsule 500 mg cannot be prescribed." in page
    assert "let the video stand for 60 seconds, then press Issue again" in page
    assert "May be prescribed" in page
    assert not Prescription.objects.exists()
    _video_stands(met)
    assert doctors_browser.post(form, sent, headers=HTMX).status_code == 200
    assert Prescription.objects.get().lines.count() == 2


def test_over_the_counter_medicines_need_no_video(form: str, doctors_browser: Client) -> None:
    cetirizine = line("cetirizine-tablet-10-mg", frequency="0-0-1")
    assert doctors_browser.post(form, FEVER | {"line": [PARACETAMOL, cetirizine]}, headers=HTMX).status_code == 200


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"line": [AMOXICILLIN], "allergies": "Mox"}, "allergic to it: Mox"),
        ({"line": [PARACETAMOL, line("paracetamol-tablet-650-mg")]}, "stands twice: PARACETAMOL tablet 650 mg"),
        ({"line": [line("paracetamol-tablet-500-mg", frequency="4-4-4")]}, "6000 mg a day: more than the maximum"),
        ({"line": [ENALAPRIL]}, "Only in a follow-up"),
        ({"line": [line("doxycycline-capsule-100-mg")], "pregnancy": "pregnant"}, "Harms in pregnancy."),
        ({"line": [PARACETAMOL], "confirmed": ""}, "before identity and age are confirmed"),
    ],
)
def test_each_line_says_its_state_and_the_server_decides_again(
    sent: dict[str, Any], words: str, form: str, states: str, video: None, doctors_browser: Client
) -> None:
    doctors_browser.post(states, SAVE | {"version": "0", "claim": "open"})
    shown = doctors_browser.post(states, FEVER | SAVE | sent)
    assert shown.status_code == 200
    assert words in _words(shown)
    assert 'id="line-state-0"' in _words(shown)
    refused = doctors_browser.post(form, FEVER | sent, headers=HTMX)
    assert refused.status_code == 422
    assert words in _words(refused)
    assert not Prescription.objects.exists()


def test_the_line_being_written_is_judged_before_it_is_whole(states: str, doctors_browser: Client) -> None:
    doctors_browser.post(states, SAVE | {"version": "0", "claim": "open"})
    page = _words(doctors_browser.post(states, SAVE | {"medicine_code": "amoxicillin-capsule-500-mg"}))
    assert 'id="line-state-entry"' in page
    assert "List A: only in a video consultation" in page
    assert "data-waits" in page
    # Nothing to judge: nothing is sent.
    assert doctors_browser.post(states, FEVER | SAVE | {"version": "2"}).status_code == 204


def test_a_warning_does_not_hold_up(form: str, states: str, video: None, doctors_browser: Client) -> None:
    lines = [line("azithromycin-tablet-500-mg", frequency="1-0-0"), line("ondansetron-tablet-4-mg")]
    doctors_browser.post(states, SAVE | {"version": "0", "claim": "open"})
    assert "dangerous heart rhythm" in _words(doctors_browser.post(states, FEVER | SAVE | {"line": lines}))
    assert doctors_browser.post(form, FEVER | {"line": lines}, headers=HTMX).status_code == 200


def test_a_chronic_medicine_is_refilled_in_a_follow_up_where_it_is_in_use(form: str, doctors_browser: Client) -> None:
    seen = {"line": [ENALAPRIL], "seen_on": (india_day(now()) - timedelta(days=90)).isoformat(), "chosen": ["I10"]}
    refused = doctors_browser.post(form, FEVER | seen, headers=HTMX)
    assert "only a medicine that the patient already takes" in _words(refused)
    seen |= {"in_use": "Envas 5"}
    assert "nobody has asked" in _words(doctors_browser.post(form, FEVER | seen, headers=HTMX))
    assert doctors_browser.post(form, FEVER | seen | {"pregnancy": "no"}, headers=HTMX).status_code == 200
    assert Prescription.objects.get().clinical["in_use"] == ["Envas 5"]


def test_a_rule_is_overruled_only_where_afms_allows_it_and_it_is_recorded(
    form: str, doctors_browser: Client, settings: Settings
) -> None:
    sent = FEVER | {"line": [AMOXICILLIN], "overrule": "No camera on the ship"}
    assert doctors_browser.post(form, sent, headers=HTMX).status_code == 422
    settings.OVERRULE_ALLOWED = True
    assert doctors_browser.post(form, sent | {"overrule": " "}, headers=HTMX).status_code == 422
    assert doctors_browser.post(form, sent, headers=HTMX).status_code == 200
    issued = Prescription.objects.get()
    assert issued.overruled == {"reason": "No camera on the ship", "rules": ["video"]}
    assert Entry.objects.get(action="prescription.overrule").details == {"number": issued.number, "rules": ["video"]}


def test_nobody_overrules_prohibited(form: str, doctors_browser: Client, settings: Settings) -> None:
    settings.OVERRULE_ALLOWED = True
    for prohibited in ("alprazolam-tablet-0.5-mg", "ALPRAZOLAM tablet 0.5 mg"):
        sent = FEVER | {"line": [line(prohibited)], "overrule": "Asked for it"}
        assert doctors_browser.post(form, sent, headers=HTMX).status_code == 422
    assert not Prescription.objects.exists()


VITALS = {
    "temperature": "101.2",
    "pulse": "88",
    "pressure": "120/80",
    "oxygen": "97",
    "respiration": "18",
    "weight": "61.5",
    "height": "162",
    "sugar": "110",
}


def test_what_was_asked_and_measured_stands_on_the_sheet(
    form: str, doctors_browser: Client, asha: Patient, dr_rao: Doctor, tmp_path: Any
) -> None:
    asked = {"allergies": "penicillin, Dust", "in_use": "Thyronorm", "history": "Appendix out 2019", "pregnancy": "no"}
    response = doctors_browser.post(form, FEVER | {"line": [PARACETAMOL]} | asked | VITALS, headers=HTMX)
    assert response.status_code == 200, _words(response)
    issued = Prescription.objects.get()
    assert issued.clinical["vitals"]["systolic"] == 120
    assert noting.allergies_of(asha) == ["penicillin", "Dust"]
    assert Allergy.objects.filter(noted_by=dr_rao).count() == 2
    with issued.file.open("rb") as file:
        text = text_of(file.read(), tmp_path)
    for words in ("penicillin, Dust", "Thyronorm", "Appendix out 2019", "BP 120/80 mmHg", "101.2 °F", "Not pregnant"):
        assert words in text
    client = Client()
    client.cookies["django_language"] = "hi"
    page = _words(client.get(reverse("prescription:rx", args=[issued.ref])))
    assert "रक्तचाप 120/80 mmHg" in page
    assert Clinical.of(issued.clinical).kept == issued.clinical


def test_a_complaint_is_free_or_coded_or_both(
    met: Consultation, form: str, doctors_browser: Client, tmp_path: Any
) -> None:
    doctors_browser.post(reverse("prescription:draft", args=[met.ref]), SAVE | {"version": "0", "claim": "open"})
    sent = {"line": [PARACETAMOL], "coded": ["R05", "R50.9"], "investigations": "Chest X-ray\nMantoux"}
    doctors_browser.post(reverse("prescription:draft", args=[met.ref]), FEVER | SAVE | sent)
    assert 'name="coded"' in _words(doctors_browser.get(form, headers=HTMX))
    assert doctors_browser.post(form, FEVER | sent | {"symptom": "chakkar"}, headers=HTMX).status_code == 422
    response = doctors_browser.post(form, FEVER | sent | {"symptom": "r42"}, headers=HTMX)
    assert response.status_code == 200, _words(response)
    issued = Prescription.objects.get()
    assert issued.clinical["symptoms"] == ["R05", "R50.9", "R42"]
    with issued.file.open("rb") as file:
        text = " ".join(text_of(file.read(), tmp_path).split())
    for words in ("Cough (R05)", "छाती का एक्स-रे", "Mantoux"):
        assert words in text
    conditions = [
        entry["resource"]["code"]
        for entry in json.loads(fhir.bundle(issued, fhir.Record.CONSULTATION))["entry"]
        if entry["resource"]["resourceType"] == "Condition"
    ]
    assert {"R05", "R42"} <= {code["coding"][0]["code"] for code in conditions if "coding" in code}
    assert {"text": "Fever"} in conditions


@pytest.mark.parametrize("sent", [{"coded": ["A00.99"]}, {"coded": ["my back"]}, {"symptom": "tired <b>"}])
def test_a_symptom_that_the_list_does_not_know_is_refused(
    sent: dict[str, Any], form: str, doctors_browser: Client
) -> None:
    response = doctors_browser.post(form, FEVER | {"line": [PARACETAMOL]} | sent, headers=HTMX)
    assert response.status_code == 422
    assert "is not in the list of symptoms. Choose from it, or write it under Complaint." in _words(response)
    assert not Prescription.objects.exists()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"temperature": "37"}, "Nobody alive has less than 90 °F. In °F, please: 37 °C are 98.6 °F."),
        ({"pulse": "900"}, "Nobody alive has more than 250."),
        ({"oxygen": "101"}, "Nobody alive has more than 100."),
        ({"weight": "0"}, "Nobody alive has less than 0.4."),
        ({"height": "six feet"}, "Write a number."),
        ({"pressure": "80/120"}, "Write it as 120/80"),
        ({"pressure": "high"}, "Write it as 120/80"),
        ({"lmp": "2120-01-01"}, "This day cannot be meant"),
        ({"seen_on": "1999-01-01"}, "This day cannot be meant"),
        ({"seen_on": "soon"}, "Write the date as day, month and year."),
        ({"history": "well 😀"}, "cannot be printed"),
        ({"allergies": "😀"}, "cannot be printed"),
    ],
)
def test_the_impossible_is_refused_beside_its_field(
    sent: dict[str, str], sentence: str, form: str, doctors_browser: Client
) -> None:
    response = doctors_browser.post(form, FEVER | {"line": [PARACETAMOL]} | sent, headers=HTMX)
    assert response.status_code == 422
    assert sentence in _words(response)
    assert not Prescription.objects.exists()


def test_allergies_stay_with_the_patient_until_a_doctor_takes_them_back(
    met: Consultation, dr_rao: Doctor, asha: Patient, form: str, doctors_browser: Client, ten_o_clock: datetime
) -> None:
    noting.keep_allergies(met, dr_rao, ("penicillin", "Dust"), now=ten_o_clock)
    assert 'value="penicillin, Dust"' in _words(doctors_browser.get(form, headers=HTMX))
    noting.keep_allergies(met, dr_rao, None, now=ten_o_clock)
    assert noting.allergies_of(asha) == ["penicillin", "Dust"]
    noting.keep_allergies(met, dr_rao, ("Dust",), now=ten_o_clock)
    assert noting.allergies_of(asha) == ["Dust"]
    assert Allergy.objects.get(words="penicillin").withdrawn_by == dr_rao
    assert "penicillin" not in json.dumps([entry.details for entry in Entry.objects.all()])


@pytest.fixture
def child(asha: Patient) -> Patient:
    """Asha as a girl of seven."""
    asha.date_of_birth = india_day(now()) - timedelta(days=7 * 365 + 30)
    asha.save()
    return asha


def test_a_minor_is_seen_only_with_an_adult(child: Patient, form: str, doctors_browser: Client, tmp_path: Any) -> None:
    assert "Adult present" in _words(doctors_browser.get(form, headers=HTMX))
    syrup = line("paracetamol-syrup-125-mg-5-ml")
    alone = doctors_browser.post(form, FEVER | {"line": [syrup]}, headers=HTMX)
    assert alone.status_code == 422
    assert "A minor is seen only with an adult." in _words(alone)
    assert "Choose what the adult is to the child." in _words(alone)
    together = FEVER | {"line": [syrup], "adult_name": "Sunita Verma", "adult_relation": "mother"}
    unknown = doctors_browser.post(form, together, headers=HTMX)
    assert unknown.status_code == 422
    assert "Write which card the adult has shown." in _words(unknown)
    together |= {"adult_identity": "Aadhaar 1234"}
    unweighed = doctors_browser.post(form, together, headers=HTMX)
    assert unweighed.status_code == 422
    assert "write the weight among the vitals" in _words(unweighed)
    together |= {"weight": "22"}
    assert doctors_browser.post(form, together | {"confirmed": ""}, headers=HTMX).status_code == 422
    assert doctors_browser.post(form, together, headers=HTMX).status_code == 200
    with Prescription.objects.get().file.open("rb") as file:
        text = text_of(file.read(), tmp_path)
    assert "Sunita Verma (mother)" in text
    assert "1234" not in text
    assert Prescription.objects.get().clinical["adult_identity"] == "Aadhaar 1234"


def test_a_minor_is_not_confirmed_beforehand_an_adult_is(
    meet: Meet, met: Consultation, form: str, doctors_browser: Client
) -> None:
    page = _words(doctors_browser.get(form, headers=HTMX))
    assert 'id="id_confirmed" checked' in page
    met.token.patient.date_of_birth = india_day(now()) - timedelta(days=3650)
    met.token.patient.save()
    assert 'id="id_confirmed" checked' not in _words(doctors_browser.get(form, headers=HTMX))


def test_a_man_is_not_asked_for_a_pregnancy(met: Consultation, form: str, doctors_browser: Client) -> None:
    assert 'name="pregnancy"' in _words(doctors_browser.get(form, headers=HTMX))
    met.token.patient.gender = "male"
    met.token.patient.save()
    assert 'name="pregnancy"' not in _words(doctors_browser.get(form, headers=HTMX))


def test_the_brief_says_what_was_known_before(
    met: Consultation, dr_rao: Doctor, dr_iyer: Doctor, meet: Meet, mohan: Patient, form: str, doctors_browser: Client
) -> None:
    brief = reverse("prescription:brief", args=[met.ref])
    page = _words(doctors_browser.get(brief, headers=HTMX))
    assert "Not asked yet" in page
    doctors_browser.post(form, FEVER | {"line": [PARACETAMOL], "allergies": "none", "in_use": "Telma"}, headers=HTMX)
    other = Prescription.objects.get()
    # Another visit of the same patient.
    Prescription.objects.filter(pk=other.pk).update(consultation=meet(mohan, dr_iyer))
    page = _words(doctors_browser.get(brief, headers=HTMX))
    for words in ("None known", "Telma", "Lt Col Arvind Rao", "Paracetamol 500 mg"):
        assert words in page


def test_a_strangers_brief_does_not_exist(met: Consultation, dr_iyer: Doctor) -> None:
    stranger = Client()
    stranger.force_login(dr_iyer.staff, backend="sehat.accounts.backend.StaffBackend")
    for name in ("brief", "draft"):
        address = reverse(f"prescription:{name}", args=[met.ref])
        response = stranger.get(address) if name == "brief" else stranger.post(address)
        assert response.status_code == 404


@given(st.text(max_size=200))
def test_any_list_of_words_is_taken_apart(text: str) -> None:
    words = words_of(text)
    assert len(words) == len(set(words)) <= 20
    assert all(word and len(word) <= 80 for word in words)


@given(st.text(max_size=12))
def test_no_text_is_a_blood_pressure_by_accident(text: str) -> None:
    try:
        systolic, diastolic = vitals.read_pressure(text)
    except ValueError:
        return
    assert 20 <= diastolic < systolic <= 300
