"""A doctor's templates, the starters, and the last prescription copied; each line judged for this patient."""

import json
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sehat.clinic.models import Doctor
from sehat.consultation.models import Consultation
from sehat.prescription import services, sheet_templates
from sehat.prescription.diagnoses import classification
from sehat.prescription.lines import Line
from sehat.prescription.models import Draft, Prescription, SheetTemplate
from sehat.prescription.rules import MedicineList
from sehat.prescription.writing import Written
from sehat.registration.models import Patient
from tests.consultation.conftest import Meet, logged_in

HTMX = {"HX-Request": "true"}
PARACETAMOL = json.dumps({"medicine_code": "paracetamol-tablet-500-mg", "frequency": "1-0-1", "days": "5"})
AMOXICILLIN = json.dumps({"medicine_code": "amoxicillin-capsule-500-mg", "frequency": "1-1-1", "days": "5"})
WRITTEN: dict[str, Any] = {
    "window": "one",
    "version": "1",
    "complaint": "Fever of Asha",
    "findings": "Throat red",
    "history": "Appendix out",
    "allergies": "Dust",
    "in_use": "Telma",
    "temperature": "101",
    "chosen": ["J02.9"],
    "line": [PARACETAMOL, AMOXICILLIN],
    "advice": "Rest",
    "investigations": "CBC",
    "follow_up_on": "2026-11-30",
}


def _words(response: Any) -> str:
    return unescape(response.content.decode())


def _address(name: str, consultation: Consultation, *more: str) -> str:
    return reverse(f"prescription:{name}", args=[consultation.ref, *more])


@pytest.fixture
def kept(met: Consultation, doctors_browser: Client) -> SheetTemplate:
    """Dr Rao's “Sore throat”."""
    sent = WRITTEN | {"template_name": " Sore  throat "}
    page = _words(doctors_browser.post(_address("templates", met), sent, headers=HTMX))
    assert "Kept as “Sore throat”." in page
    return SheetTemplate.objects.get()


def test_a_template_holds_what_is_prescribed_and_nothing_of_the_patient(kept: SheetTemplate) -> None:
    assert kept.name == "Sore throat"
    assert set(kept.content) == {"chosen", "line", "advice", "investigations"}
    held = json.dumps(kept.content)
    for words in ("Asha", "Throat red", "Appendix", "Dust", "Telma", "101", "2026-11-30"):
        assert words not in held


def test_it_is_added_to_what_is_written_and_judged_for_this_patient(
    kept: SheetTemplate, met: Consultation, doctors_browser: Client
) -> None:
    doctors_browser.post(_address("draft", met), {"window": "one", "version": "0", "claim": "open"})
    cetirizine = json.dumps({"medicine_code": "cetirizine-tablet-10-mg", "frequency": "HS", "days": "3"})
    sent = {
        "window": "one",
        "version": "1",
        "template": kept.ref,
        "complaint": "Cough",
        "allergies": "Mox",
        "chosen": ["R05"],
        "line": [cetirizine, kept.content["line"][0]],
        "advice": "Drink plenty of water\nRest",
    }
    page = _words(doctors_browser.post(_address("apply", met), sent, headers=HTMX))
    assert page.count('name="line"') == 3
    for words in ("Cough", "R05 Cough", "J02.9 ", "CBC", "Drink plenty of water\nRest", "allergic to it: Mox"):
        assert words in page
    assert 'name="version" value="1"' in page
    draft = Draft.objects.get()
    assert (draft.version, len(draft.body["line"]), draft.body["allergies"]) == (1, 3, ["Mox"])


def test_the_same_name_is_written_over(kept: SheetTemplate, met: Consultation, doctors_browser: Client) -> None:
    sent = WRITTEN | {"template_name": "Sore throat", "line": []}
    doctors_browser.post(_address("templates", met), sent, headers=HTMX)
    assert SheetTemplate.objects.get().content["line"] == []


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (WRITTEN | {"template_name": " "}, "Write a name for the template"),
        (WRITTEN | {"template_name": "x" * 61}, "Write a name for the template"),
        ({"template_name": "Nothing", "complaint": "Fever"}, "There is nothing to keep yet"),
    ],
)
def test_what_is_no_template_is_refused(
    sent: dict[str, Any], sentence: str, met: Consultation, doctors_browser: Client
) -> None:
    response = doctors_browser.post(_address("templates", met), sent, headers=HTMX)
    assert response.status_code == 422
    assert sentence in _words(response)
    assert not SheetTemplate.objects.exists()


def test_nobody_keeps_more_than_can_be_found_again(
    kept: SheetTemplate, met: Consultation, doctors_browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_templates, "MOST_TEMPLATES", 1)
    response = doctors_browser.post(_address("templates", met), WRITTEN | {"template_name": "Another"}, headers=HTMX)
    assert "Delete one first" in _words(response)
    assert SheetTemplate.objects.get() == kept


def test_it_is_renamed_and_deleted(kept: SheetTemplate, met: Consultation, doctors_browser: Client) -> None:
    doctors_browser.post(_address("templates", met), WRITTEN | {"template_name": "Other"}, headers=HTMX)
    this = _address("template", met, kept.ref)
    taken = doctors_browser.post(this, {f"new_name_{kept.ref}": "Other"}, headers=HTMX)
    assert taken.status_code == 422
    assert "another template of this name" in _words(taken)
    assert "Throat" in _words(doctors_browser.post(this, {f"new_name_{kept.ref}": "Throat"}, headers=HTMX))
    doctors_browser.post(this, {"delete": "1"}, headers=HTMX)
    assert SheetTemplate.objects.get().name == "Other"


def test_a_template_is_its_doctors_alone(
    kept: SheetTemplate, meet: Meet, mohan: Patient, dr_iyer: Doctor, met: Consultation
) -> None:
    hers, iyer = meet(mohan, dr_iyer), logged_in(doctor=dr_iyer)
    assert "Sore throat" not in _words(iyer.get(_address("templates", hers), headers=HTMX))
    assert iyer.post(_address("apply", hers), {"template": kept.ref}, headers=HTMX).status_code == 404
    this = _address("template", hers, kept.ref)
    assert iyer.post(this, {"delete": "1"}, headers=HTMX).status_code == 404
    assert iyer.post(this, {f"new_name_{kept.ref}": "Mine"}, headers=HTMX).status_code == 404
    assert iyer.get(_address("templates", met), headers=HTMX).status_code == 404
    kept.refresh_from_db()
    assert kept.name == "Sore throat"


def test_the_starters_may_be_prescribed_in_any_mode_and_say_what_they_are(
    met: Consultation, doctors_browser: Client
) -> None:
    page = _words(doctors_browser.get(_address("templates", met), headers=HTMX))
    assert "not yet approved by a clinician" in page
    for starter in sheet_templates.starters().values():
        assert starter.name in page
        assert all(classification().get(code) for code in starter.content["chosen"])
        for kept in starter.content["line"]:
            line = Line.of_kept(kept)
            assert line is not None
            assert line.is_valid(), (starter.key, line.faults)
            assert line.written is not None
            assert line.written.medicine.list is MedicineList.O
    page = _words(doctors_browser.post(_address("apply", met), {"template": "viral-fever"}, headers=HTMX))
    assert "PARACETAMOL tablet 500 mg" in page


def test_the_last_prescription_is_copied_line_by_line_and_checked_anew(
    met: Consultation,
    meet: Meet,
    mohan: Patient,
    dr_rao: Doctor,
    dr_iyer: Doctor,
    written: Written,
    doctors_browser: Client,
    ten_o_clock: datetime,
) -> None:
    before = services.issue(consultation=met, doctor=dr_rao, written=written, now=ten_o_clock)
    here = meet(mohan, dr_iyer)
    Prescription.objects.filter(pk=before.pk).update(patient=mohan)
    iyer = logged_in(doctor=dr_iyer)
    page = _words(iyer.get(_address("templates", here), headers=HTMX))
    for words in ("Last prescription", "PARACETAMOL tablet 500 mg", "CETIRIZINE", "Copy all"):
        assert words in page
    sent = {"allergies": "Cetzine", "confirmed": "on"}
    page = _words(iyer.post(_address("medicines", here), sent | {"copy": "1"}, headers=HTMX))
    assert page.count('name="line"') == 1
    assert "allergic to it: Cetzine" in page
    assert "Drink plenty of water" in page
    row = Line.of_issued(before.lines.all()[0]).kept
    page = _words(iyer.post(_address("medicines", here), sent | {"line": [row], "copy": "all"}, headers=HTMX))
    assert page.count('name="line"') == 2
    for nonsense in ("7", "-1", "x"):
        page = _words(iyer.post(_address("medicines", here), sent | {"copy": nonsense}, headers=HTMX))
        assert 'name="line"' not in page
