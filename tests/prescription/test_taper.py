"""A taper from the form to the sheet, the patient's page, FHIR and the amended prescription."""

import json
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sehat.clinic.models import Doctor
from sehat.consultation.models import Consultation
from sehat.kernel.clock import india_day, now
from sehat.prescription import fhir
from sehat.prescription.lines import Line
from sehat.prescription.models import Prescription
from sehat.prescription.rules import MAX_DAYS
from tests.papers.reading import text_of

HTMX = {"HX-Request": "true"}
PREDNISOLONE: dict[str, Any] = {
    "medicine": "PREDNISOLONE tablet 10 mg",
    "medicine_code": "prednisolone-tablet-10-mg",
    "dose": "30 mg",
    "frequency": "1-0-0",
    "food": "after",
    "days": "3",
    "then_dose": ["20 mg", "10 mg"],
    "then_frequency": ["", ""],
    "then_days": ["3", "3"],
}
ASTHMA: dict[str, Any] = {
    "complaint": "Wheeze",
    "chosen": ["J45.9"],
    "in_use": "Wysolone",
    "seen_on": india_day(now()).isoformat(),
    "confirmed": "on",
}


def _words(response: Any) -> str:
    return unescape(response.content.decode())


@pytest.fixture
def add(met: Consultation) -> str:
    """Where the buttons among the medicines go."""
    return reverse("prescription:medicines", args=[met.ref])


@pytest.fixture
def form(met: Consultation) -> str:
    """Where the form is."""
    return reverse("prescription:form", args=[met.ref])


@pytest.fixture
def tapered(form: str, doctors_browser: Client) -> Prescription:
    """Asha's prednisolone: 30, 20, 10 mg."""
    response = doctors_browser.post(form, ASTHMA | PREDNISOLONE | {"issue": "1"}, headers=HTMX)
    assert response.status_code == 200, _words(response)
    return Prescription.objects.get()


def test_a_taper_is_written_step_by_step(add: str, doctors_browser: Client) -> None:
    first = PREDNISOLONE | {"then_dose": [], "then_frequency": [], "then_days": []}
    page = _words(doctors_browser.post(add, ASTHMA | first | {"step": "1"}, headers=HTMX))
    assert page.count('name="then_dose"') == 1
    assert 'value="30 mg"' in page
    page = _words(doctors_browser.post(add, ASTHMA | PREDNISOLONE | {"unstep": "1"}, headers=HTMX))
    assert page.count('name="then_dose"') == 1
    assert 'value="10 mg"' in page
    assert 'value="20 mg"' not in page
    page = _words(doctors_browser.post(add, ASTHMA | PREDNISOLONE | {"add": "1"}, headers=HTMX))
    assert "1-0-0 · 3 tablet · 3 days → 1-0-0 · 2 tablet · 3 days → 1-0-0 · 1 tablet · 3 days · 18 tablets" in page
    assert "पहले 3 दिन सुबह 3 गोली; फिर 3 दिन सुबह 2 गोली; फिर 3 दिन सुबह 1 गोली।" in page
    # Taken up again, every step stands in its boxes.
    kept = Line.of_body({name: value if isinstance(value, list) else [value] for name, value in PREDNISOLONE.items()})
    page = _words(doctors_browser.post(add, ASTHMA | {"line": [kept.kept], "change": "0"}, headers=HTMX))
    assert page.count('name="then_dose"') == 2


def test_a_step_left_blank_is_no_step(add: str, doctors_browser: Client) -> None:
    blank = PREDNISOLONE | {"then_dose": ["", "10 mg"], "then_days": ["", "3"]}
    page = _words(doctors_browser.post(add, ASTHMA | blank | {"add": "1"}, headers=HTMX))
    assert "12 tablets" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"then_days": ["0", "3"]}, "Write for how many days: 1 to 180."),
        ({"then_days": ["soon", "3"]}, "Write the number of days in digits"),
        ({"then_dose": ["7 mg", "10 mg"]}, "Write how much at one time, for example 1 tablet."),
        ({"then_frequency": ["SOS", ""]}, "A taper goes by fixed times"),
        ({"then_frequency": ["stat", ""]}, "A taper goes by fixed times"),
        ({"then_frequency": ["now and then", ""]}, "Write how often"),
        ({"days": str(MAX_DAYS)}, "All steps together: at most 180 days."),
    ],
)
def test_each_fault_of_a_step_stands_beside_it_and_nothing_is_lost(
    change: dict[str, Any], sentence: str, add: str, doctors_browser: Client
) -> None:
    response = doctors_browser.post(add, ASTHMA | PREDNISOLONE | change | {"add": "1"}, headers=HTMX)
    page = _words(response)
    assert response.status_code == 422
    assert sentence in page
    assert page.count('name="then_dose"') == 2
    assert 'value="30 mg"' in page


def test_every_step_is_judged_against_the_maximum(form: str, doctors_browser: Client) -> None:
    more = PREDNISOLONE | {"then_dose": ["20 mg", "70 mg"], "issue": "1"}
    refused = doctors_browser.post(form, ASTHMA | more, headers=HTMX)
    assert refused.status_code == 422
    assert "70 mg a day: more than the maximum of 60 mg." in _words(refused)
    assert not Prescription.objects.exists()


def test_the_sheet_and_the_page_show_each_step(tapered: Prescription, tmp_path: Path) -> None:
    line = tapered.lines.get()
    assert (line.quantity, line.days, line.dose, line.frequency) == (18, 9, "3 tablet", "1-0-0")
    with tapered.file.open("rb") as file:
        text = " ".join(text_of(file.read(), tmp_path).split())
    assert "Take in this order, after food: 3 tablets in the morning for 3 days; then 2 tablets" in text
    assert "18 tablets" in text
    assert text.count("then ·") == 2
    patient = Client()
    patient.cookies["django_language"] = "hi"
    page = _words(patient.get(reverse("prescription:rx", args=[tapered.ref])))
    assert "खाने के बाद इस क्रम से लें: पहले 3 दिन सुबह 3 गोली; फिर 3 दिन सुबह 2 गोली; फिर 3 दिन सुबह 1 गोली।" in page


def test_fhir_tells_the_steps_in_their_sequence(tapered: Prescription) -> None:
    bundle = json.loads(fhir.bundle(tapered, fhir.Record.PRESCRIPTION))
    (request,) = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "MedicationRequest"]
    dosages = request["dosageInstruction"]
    assert [one["sequence"] for one in dosages] == [1, 2, 3]
    assert [one["doseAndRate"][0]["doseQuantity"]["value"] for one in dosages] == [3, 2, 1]
    assert {one["timing"]["repeat"]["boundsDuration"]["value"] for one in dosages} == {3}
    assert request["dispenseRequest"]["expectedSupplyDuration"]["value"] == 9


def test_an_amended_taper_is_still_one(tapered: Prescription, dr_rao: Doctor, doctors_browser: Client) -> None:
    address = reverse("prescription:amend", args=[tapered.ref])
    page = _words(doctors_browser.get(address))
    assert "→ 1-0-0 · 1 tablet · 3 days · 18 tablets" in page
    again = Line.of_issued(tapered.lines.get())
    assert again.written is not None
    assert again.written.days_in_all == 9
    assert json.loads(again.kept)["then"] == [["2 tablet", "1-0-0", "3"], ["1 tablet", "1-0-0", "3"]]
    sent = ASTHMA | {"reason": "The dose was wrong", "issue": "1"}
    assert doctors_browser.post(address, sent | {"line": [again.kept]}).status_code == 302
    assert Prescription.objects.get(replaces=tapered).lines.get().taper == tapered.lines.get().taper
