"""What a good doctor would not miss, at issue: known allergies, kidneys, pregnancy, weight, signs of an emergency."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sehat.clinic.models import Doctor, Hospital
from sehat.consultation import services as consultations
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Evidence, Side
from sehat.prescription import judging, noting, services, starting
from sehat.prescription.diagnoses import Diagnosis, classification
from sehat.prescription.errors import NotAllowed
from sehat.prescription.guidelines import Rule
from sehat.prescription.models import Prescription
from sehat.prescription.writing import Clinical, Written
from sehat.registration.models import Patient
from sehat.tokens.models import Token
from tests.consultation.conftest import Meet
from tests.papers.reading import text_of
from tests.prescription.conftest import line
from tests.prescription.test_clinical import AMOXICILLIN, FEVER, HTMX, PARACETAMOL, SAVE, _words
from tests.prescription.test_clinical import line as line_sent

AMOXICILLIN_LINE = ("amoxicillin-capsule-500-mg", "1-1-1")


@pytest.fixture(autouse=True)
def video(met: Consultation) -> None:
    """Both have seen each other for long enough."""
    for side in Side:
        later = met.started_at + timedelta(minutes=5)
        consultations.report(consultation=met, side=side, reported=Evidence(100, 100), now=later)


@pytest.fixture
def form(met: Consultation) -> str:
    return reverse("prescription:form", args=[met.ref])


def test_a_known_allergy_counts_also_where_its_field_was_emptied(
    met: Consultation, dr_rao: Doctor, form: str, doctors_browser: Client, ten_o_clock: datetime
) -> None:
    noting.keep_allergies(met, dr_rao, ("Mox",), now=ten_o_clock)
    refused = doctors_browser.post(form, FEVER | {"line": [AMOXICILLIN], "allergies": ""}, headers=HTMX)
    assert refused.status_code == 422
    assert "allergic to it: Mox" in _words(refused)
    # "none" is an answer: the doctor has asked, and takes it back.
    assert (
        doctors_browser.post(form, FEVER | {"line": [AMOXICILLIN], "allergies": "none"}, headers=HTMX).status_code
        == 200
    )


def test_the_doctor_reads_which_allergy_is_held_against_no_medicine(
    met: Consultation, form: str, doctors_browser: Client
) -> None:
    states = reverse("prescription:draft", args=[met.ref])
    doctors_browser.post(states, {"window": "one", "version": "0", "claim": "open"})
    sent = {"window": "one", "version": "1", "judge": "1", "allergies": "penicilin, house dust"}
    told = _words(doctors_browser.post(states, FEVER | sent))
    assert "none is held against it: house dust" in " ".join(told.split())
    assert "penicilin" not in told


def test_an_allergy_that_came_out_later_counts_when_a_sheet_is_amended(
    issued: Prescription, met: Consultation, dr_rao: Doctor, written: Written, ten_o_clock: datetime
) -> None:
    noting.keep_allergies(met, dr_rao, ("Mox",), now=ten_o_clock)
    changed = replace(written, lines=(line(*AMOXICILLIN_LINE),))
    with pytest.raises(NotAllowed, match="allergic to it: Mox"):
        services.amend(prescription=issued, doctor=dr_rao, written=changed, reason="Other medicine", now=ten_o_clock)


def _found(met: Consultation, ten_o_clock: datetime, *codes: str, words: str = "", **clinical: Any) -> dict[Rule, bool]:
    diagnoses = [known for code in codes if (known := classification().get(code))]
    assert len(diagnoses) == len(codes)
    if words:
        diagnoses.append(Diagnosis("", words))
    one = Written(
        complaint="Fever",
        diagnoses=tuple(diagnoses),
        lines=(line("nitrofurantoin-tablet-100-mg"), line("albendazole-tablet-400-mg", "1-0-0 once only", days=1)),
        clinical=Clinical(**clinical),
    )
    given = judging.judge(met, written=one, mode=judging.Mode.VIDEO, today=ten_o_clock.date())
    return {finding.rule: finding.refused for findings in given for finding in findings}


def test_a_diagnosis_of_the_kidneys_or_of_a_pregnancy_needs_no_tick(met: Consultation, ten_o_clock: datetime) -> None:
    assert _found(met, ten_o_clock, "N18.3", pregnancy="no")[Rule.KIDNEY] is True
    assert Rule.KIDNEY not in _found(met, ten_o_clock, "N20.0", pregnancy="no")
    assert _found(met, ten_o_clock, "O23.4", pregnancy="no")[Rule.PREGNANCY] is True
    assert _found(met, ten_o_clock, "Z34.9")[Rule.PREGNANCY] is True
    # A doctor's own words that begin like a code are none.
    assert Rule.PREGNANCY not in _found(met, ten_o_clock, words="Otitis media", pregnancy="no")


def test_kidney_disease_is_remembered_at_the_next_visit(
    met: Consultation,
    meet: Meet,
    asha: Patient,
    dr_rao: Doctor,
    dr_iyer: Doctor,
    written: Written,
    ten_o_clock: datetime,
) -> None:
    sick = replace(written, clinical=Clinical(kidney_disease=True))
    services.issue(consultation=met, doctor=dr_rao, written=sick, now=ten_o_clock)
    again = meet(asha, dr_iyer)
    assert starting.body(again, today=ten_o_clock.date())["kidney_disease"] == ["on"]


@pytest.fixture
def old(met: Consultation) -> None:
    """The patient is 81."""
    Patient.objects.filter(pk=met.token.patient_id).update(date_of_birth=date(1945, 3, 8))


def test_what_an_old_patient_has_to_fear_is_read_while_it_is_written_and_decided_again_at_issue(
    old: None, met: Consultation, form: str, doctors_browser: Client
) -> None:
    sent = {"line": [line_sent("chlorpheniramine-tablet-4-mg"), line_sent("hydroxyzine-tablet-10-mg")]}
    states = reverse("prescription:draft", args=[met.ref])
    doctors_browser.post(states, SAVE | {"version": "0", "claim": "open"})
    written = _words(doctors_browser.post(states, FEVER | SAVE | sent))
    assert "At 65 or older: confusion, falls, urine that does not pass." in written
    assert "Not at 65 or older: confusion, falls, urine that does not pass." in written
    assert "AGS Beers 2023" in written
    assert not Prescription.objects.exists()
    refused = doctors_browser.post(form, FEVER | sent, headers=HTMX)
    assert refused.status_code == 422
    assert "Not at 65 or older" in _words(refused)
    # A warning is read, and does not stand in the way.
    sent = {"line": [line_sent("chlorpheniramine-tablet-4-mg")]}
    assert doctors_browser.post(form, FEVER | sent, headers=HTMX).status_code == 200


@pytest.fixture
def emergency(met: Consultation) -> None:
    """Asha has ticked chest pain when she took the token."""
    Token.objects.filter(pk=met.token_id).update(red_flags=["chest_pain"])


def test_in_an_emergency_no_medicine_but_first_aid_until_the_doctor_has_looked_into_it(
    emergency: None, met: Consultation, form: str, doctors_browser: Client
) -> None:
    assert "No emergency: I have looked into the signs" in _words(doctors_browser.get(form, headers=HTMX))
    refused = doctors_browser.post(form, FEVER | {"line": [PARACETAMOL, AMOXICILLIN]}, headers=HTMX)
    assert refused.status_code == 422
    assert "advice, first aid and referral only" in _words(refused)
    assert "tick “No emergency” once you are sure" in _words(refused)
    looked = FEVER | {"line": [PARACETAMOL, AMOXICILLIN], "no_emergency": "on"}
    assert doctors_browser.post(form, looked, headers=HTMX).status_code == 200
    assert Prescription.objects.get().clinical["no_emergency"] is True


def test_first_aid_and_advice_are_given_in_an_emergency(emergency: None, form: str, doctors_browser: Client) -> None:
    assert doctors_browser.post(form, FEVER | {"line": [PARACETAMOL]}, headers=HTMX).status_code == 200


@pytest.mark.parametrize("looked", [False, True])
def test_the_patient_reads_on_the_sheet_where_to_go_in_an_emergency(
    emergency: None, hospital: Hospital, form: str, doctors_browser: Client, looked: bool, tmp_path: Path
) -> None:
    sent = FEVER | {"advice": "Go at once"} | ({"no_emergency": "on"} if looked else {})
    assert doctors_browser.post(form, sent, headers=HTMX).status_code == 200
    issued = Prescription.objects.get()
    page = _words(Client().get(reverse("prescription:rx", args=[issued.ref])))
    assert (f"Go to the nearest hospital at once: {hospital.name}" in page) is not looked
    hindi = _words(Client(headers={"Accept-Language": "hi"}).get(reverse("prescription:rx", args=[issued.ref])))
    assert (f"तुरंत नज़दीकी अस्पताल जाएँ: {hospital.name}" in hindi) is not looked
    with issued.file.open("rb") as file:
        sheet = text_of(file.read(), tmp_path)
    assert ("EMERGENCY" in sheet) is not looked
    assert ("Chest pain or pressure" in sheet) is not looked


def test_the_doctor_sees_where_to_send_the_patient_in_an_emergency(
    emergency: None, met: Consultation, doctors_browser: Client
) -> None:
    page = _words(doctors_browser.get(reverse("consultation:doctor", args=[met.ref])))
    hospital = Hospital.objects.first()
    assert hospital is not None
    assert "Nearest service hospital:" in page
    assert str(hospital) in page


def test_who_told_of_no_sign_is_not_asked_for_one(form: str, doctors_browser: Client) -> None:
    assert "No emergency" not in _words(doctors_browser.get(form, headers=HTMX))


def test_the_doctor_reads_what_the_formulary_warns_of(met: Consultation, form: str, doctors_browser: Client) -> None:
    sent = FEVER | {"line": [PARACETAMOL], "allergies": "Crocin"}
    page = _words(doctors_browser.post(form, sent, headers=HTMX))
    assert "liver disease: at most 2000 mg a day" in page


def test_a_mistake_is_mended_from_where_it_is_seen_and_the_next_patient_is_one_press_away(
    met: Consultation, form: str, doctors_browser: Client
) -> None:
    page = _words(doctors_browser.post(form, FEVER | {"line": [PARACETAMOL]}, headers=HTMX))
    issued = Prescription.objects.get()
    for verb in ("amend", "revoke"):
        assert reverse(f"prescription:{verb}", args=[issued.ref]) in page
    assert "Next patient" in page
    left = doctors_browser.post(reverse("consultation:end", args=[met.ref]), follow=True)
    assert left.redirect_chain[-1][0] == reverse("desk:desk")


def test_the_form_of_an_amendment_says_what_the_guidelines_say(
    issued: Prescription, met: Consultation, dr_rao: Doctor, doctors_browser: Client, ten_o_clock: datetime
) -> None:
    address = reverse("prescription:amend", args=[issued.ref])
    assert "May be prescribed" in _words(doctors_browser.get(address))
    noting.keep_allergies(met, dr_rao, ("Crocin",), now=ten_o_clock)
    assert "The patient is allergic to it: Crocin." in _words(doctors_browser.get(address))
    Prescription.objects.filter(pk=issued.pk).update(mode="text")
    added = {"line": [PARACETAMOL], "medicine_code": "amoxicillin-capsule-500-mg", "frequency": "1-1-1", "days": "5"}
    part = _words(doctors_browser.post(reverse("prescription:amend_medicines", args=[issued.ref]), added, headers=HTMX))
    assert "List A: only in a video consultation" in part
