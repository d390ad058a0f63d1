"""The doctor's form, the prescription as a page, the verify page; what each refuses and to whom."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sehat.clinic.models import Doctor
from sehat.consultation import services as consultation_services
from sehat.consultation.models import Consultation
from sehat.kernel.clock import now
from sehat.papers.rules import Status
from sehat.prescription.models import Draft, Prescription

HTMX = {"HX-Request": "true"}
PARACETAMOL = {
    "medicine": "PARACETAMOL tablet 500 mg",
    "medicine_code": "paracetamol-tablet-500-mg",
    "dose": "1 tablet",
    "frequency": "1-0-1",
    "food": "after",
    "days": "5",
    "instructions": "",
}
FEVER: dict[str, Any] = {
    "complaint": "Fever",
    "chosen": ["R50.9"],
    "line": [json.dumps(PARACETAMOL)],
    "confirmed": "on",
}


def _words(response: Any) -> str:
    words: str = response.content.decode()
    return words


@pytest.fixture
def form(met: Consultation) -> str:
    """Where the doctor's form is."""
    return reverse("prescription:form", args=[met.ref])


@pytest.fixture
def add(met: Consultation) -> str:
    """Where *Add medicine* goes."""
    return reverse("prescription:medicines", args=[met.ref])


def test_the_form_begins_with_the_complaint_of_the_token(form: str, doctors_browser: Client) -> None:
    page = _words(doctors_browser.get(form, headers=HTMX))
    assert "Fever" in page
    assert "<html" not in page
    assert "<html" in _words(doctors_browser.get(form))


@pytest.mark.parametrize("address", ["form", "medicines", "draft"])
def test_a_stranger_finds_no_form(address: str, met: Consultation, dr_iyer: Doctor, patients_browser: Client) -> None:
    path = reverse(f"prescription:{address}", args=[met.ref])
    other = Client()
    other.force_login(dr_iyer.staff, backend="sehat.accounts.backend.StaffBackend")
    assert other.post(path, FEVER).status_code == 404
    assert patients_browser.post(path, FEVER).status_code == 404


def test_there_is_no_form_after_the_doctor_has_left(
    issued: Prescription, met: Consultation, form: str, doctors_browser: Client, ten_o_clock: datetime
) -> None:
    assert issued.number in _words(doctors_browser.get(form, headers=HTMX))
    consultation_services.finish(consultation=met, now=ten_o_clock + timedelta(minutes=5))
    assert doctors_browser.get(form).status_code == 404


def test_a_prescription_is_issued_from_the_form(form: str, doctors_browser: Client) -> None:
    response = doctors_browser.post(form, FEVER | {"issue": "1"}, headers=HTMX)
    assert response.status_code == 200, _words(response)
    prescription = Prescription.objects.get()
    assert prescription.number in _words(response)
    assert prescription.diagnoses[0]["code"] == "R50.9"
    assert prescription.lines.get().quantity == 10
    # Pressed again, or the page fetched again.
    assert prescription.number in _words(doctors_browser.post(form, FEVER | {"issue": "1"}, headers=HTMX))
    assert Prescription.objects.count() == 1


def test_a_line_that_was_not_added_yet_is_added_at_issue(form: str, doctors_browser: Client) -> None:
    sent = {"complaint": "Fever", "diagnosis": "Viral fever?", "confirmed": "on", "issue": "1"} | PARACETAMOL
    response = doctors_browser.post(form, sent, headers=HTMX)
    assert response.status_code == 200, _words(response)
    prescription = Prescription.objects.get()
    assert prescription.diagnoses == [{"code": "", "name": "Viral fever?", "hindi": ""}]
    assert prescription.lines.get().generic == "Paracetamol"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"complaint": " "}, "Write what the patient came with."),
        ({"chosen": []}, "Write or choose a diagnosis."),
        ({"chosen": [], "diagnosis": "Z99.99"}, "ICD-10 has no code “Z99.99”."),
        ({"diagnosis": "fever 😀"}, "cannot be printed"),
        ({"line": []}, "Add a medicine, write an advice, or refer the patient."),
        ({"follow_up_on": "2020-01-01"}, "This day has passed."),
        ({"follow_up_on": "2120-01-01"}, "more than a year away"),
        ({"follow_up_on": "soon"}, "Write the date as day, month and year."),
        ({"advice": "drink 😀"}, "cannot be printed"),
        ({"findings": "x" * 2001}, "too long by some words"),
        (PARACETAMOL | {"days": "0"}, "Write for how many days: 1 to 180."),
        (PARACETAMOL | {"days": "five"}, "Write the number of days in digits"),
        (PARACETAMOL | {"days": "999"}, "Write for how many days: 1 to 180."),
        (PARACETAMOL | {"frequency": "now and then"}, "Write how often, for example 1-0-1"),
        (PARACETAMOL | {"dose": "333 mg"}, "Write how much at one time, for example 1 tablet."),
        (PARACETAMOL | {"medicine": "Wonderdrug", "medicine_code": ""}, "“Wonderdrug” is not in the formulary."),
        (
            PARACETAMOL | {"medicine": "Alprazolam", "medicine_code": "alprazolam-tablet-0.5-mg"},
            "“Alprazolam” is prohibited",
        ),
        ({"days": "5"}, "Type three letters of a medicine"),
    ],
)
def test_each_fault_stands_beside_its_field_and_nothing_typed_is_lost(
    change: dict[str, Any], sentence: str, form: str, doctors_browser: Client
) -> None:
    sent = FEVER | {"investigations": "Chest X-ray", "issue": "1"} | change
    response = doctors_browser.post(form, sent, headers=HTMX)
    page = _words(response)
    assert response.status_code == 422
    assert sentence in page
    assert "Chest X-ray" in page
    assert not Prescription.objects.exists()


@pytest.mark.parametrize(
    "line",
    [
        json.dumps(PARACETAMOL | {"medicine_code": "alprazolam-tablet-0.5-mg", "medicine": "x"}),
        json.dumps(PARACETAMOL | {"days": "-1"}),
        json.dumps(PARACETAMOL | {"days": None}),
    ],
)
def test_a_line_that_was_tampered_with_is_not_issued(line: str, form: str, doctors_browser: Client) -> None:
    response = doctors_browser.post(form, FEVER | {"line": [line], "issue": "1"}, headers=HTMX)
    assert response.status_code == 422
    assert not Prescription.objects.exists()


@pytest.mark.parametrize("line", ["", "[]", "{", "null", '"x"', "7"])
def test_what_is_no_line_at_all_breaks_nothing(line: str, form: str, doctors_browser: Client) -> None:
    response = doctors_browser.post(form, FEVER | {"line": [line], "issue": "1"}, headers=HTMX)
    assert response.status_code == 422


def test_a_prescription_of_advice_alone_is_one(form: str, doctors_browser: Client) -> None:
    sent = {"complaint": "Cough", "chosen": ["R05"], "advice": "Rest", "issue": "1"}
    assert doctors_browser.post(form, sent, headers=HTMX).status_code == 200
    assert Prescription.objects.get().lines.count() == 0


def test_add_change_and_remove_a_medicine(add: str, doctors_browser: Client) -> None:
    page = _words(doctors_browser.post(add, PARACETAMOL | {"add": "1"}, headers=HTMX))
    assert "10 tablets" in page
    assert "सुबह 1 गोली और रात को 1 गोली लें" in page
    rows = {"line": [json.dumps(PARACETAMOL)]}
    page = _words(doctors_browser.post(add, rows | {"change": "0"}, headers=HTMX))
    assert 'value="paracetamol-tablet-500-mg"' in page
    assert 'name="line"' not in page
    page = _words(doctors_browser.post(add, rows | {"remove": "0"}, headers=HTMX))
    assert "PARACETAMOL" not in page
    # The other press of the same button came first.
    assert doctors_browser.post(add, rows | {"remove": "5"}, headers=HTMX).status_code == 200


def test_changing_a_line_keeps_the_one_being_written(add: str, doctors_browser: Client) -> None:
    writing = {
        "medicine": "CETIRIZINE tablet 10 mg",
        "medicine_code": "cetirizine-tablet-10-mg",
        "frequency": "HS",
        "days": "3",
    }
    rows = {"line": [json.dumps(PARACETAMOL)]}
    page = _words(doctors_browser.post(add, rows | writing | {"change": "0"}, headers=HTMX))
    assert "CETIRIZINE tablet 10 mg</strong>" in page
    response = doctors_browser.post(add, rows | writing | {"days": "", "change": "0"}, headers=HTMX)
    assert response.status_code == 422
    assert "PARACETAMOL tablet 500 mg</strong>" in _words(response)


def test_a_browser_without_scripts_uses_the_same_form(form: str, doctors_browser: Client) -> None:
    page = _words(doctors_browser.post(form, FEVER | {"line": []} | PARACETAMOL | {"add": "1"}))
    assert "<html" in page
    assert "10 tablets" in page
    response = doctors_browser.post(form, FEVER | {"issue": "1"}, follow=True)
    assert Prescription.objects.get().number in _words(response)


def test_the_draft_comes_back(met: Consultation, form: str, doctors_browser: Client) -> None:
    draft = reverse("prescription:draft", args=[met.ref])
    window = {"window": "one"}
    assert doctors_browser.post(draft, window | {"version": "0", "claim": "open"}).status_code == 204
    sent = FEVER | window | {"version": "1", "advice": "Rest", "medicine": "par", "days": "5"}
    assert doctors_browser.post(draft, sent).status_code == 204
    page = _words(doctors_browser.get(form, headers=HTMX))
    for words in ("Rest", 'value="par"', "R50.9 Fever, unspecified", "PARACETAMOL tablet 500 mg", 'value="1"'):
        assert words in page


def test_two_windows_of_one_draft(met: Consultation, doctors_browser: Client) -> None:
    draft = reverse("prescription:draft", args=[met.ref])
    as_json = {"Accept": "application/json"}
    doctors_browser.post(draft, {"window": "older", "version": "0", "claim": "open"})
    assert doctors_browser.post(draft, {"window": "newer", "version": "0", "claim": "open"}).status_code == 204
    refused = doctors_browser.post(draft, FEVER | {"window": "older", "version": "1"}, headers=as_json)
    assert refused.status_code == 409
    assert "newer window" in refused.json()["sentence"]
    taken = doctors_browser.post(draft, FEVER | {"window": "older", "version": "1", "claim": "force"})
    assert taken.json() == {"version": 1}
    assert doctors_browser.post(draft, {"window": "late", "version": "0", "claim": "open"}).status_code == 205
    form = reverse("prescription:form", args=[met.ref])
    response = doctors_browser.post(form, FEVER | {"window": "newer", "issue": "1"}, headers=HTMX)
    assert response.status_code == 409
    assert "Write here" in _words(response)


@pytest.mark.parametrize(
    "sent",
    [{}, {"window": "x"}, {"window": "x", "version": "-1"}, {"window": "x", "version": "9" * 40}],
)
def test_a_draft_that_is_none_is_refused(sent: dict[str, str], met: Consultation, doctors_browser: Client) -> None:
    assert doctors_browser.post(reverse("prescription:draft", args=[met.ref]), sent).status_code == 400
    assert not Draft.objects.exists()


def test_searches_answer_doctors_only(met: Consultation, doctors_browser: Client, patients_browser: Client) -> None:
    medicines, diagnoses = reverse("prescription:search_medicines"), reverse("prescription:search_diagnoses")
    assert "PARACETAMOL tablet 500 mg" in _words(doctors_browser.get(medicines, {"q": "para"}))
    assert "R50.9" in _words(doctors_browser.get(diagnoses, {"q": "fever"}))
    assert "option" not in _words(doctors_browser.get(medicines, {"q": "<b>"}))
    assert patients_browser.get(medicines, {"q": "para"}, headers=HTMX).status_code == 404


def test_the_link_opens_the_prescription_for_whoever_holds_it(issued: Prescription) -> None:
    response = Client().get(reverse("prescription:rx", args=[issued.ref]))
    page = _words(response)
    for words in ("PARACETAMOL", "Asha Verma", "Lt Col Arvind Rao", "Download", "Print", "Drink plenty of water"):
        assert words in page
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in response.headers["Cache-Control"]


def test_the_page_speaks_hindi(issued: Prescription) -> None:
    client = Client()
    client.cookies["django_language"] = "hi"
    page = _words(client.get(reverse("prescription:rx", args=[issued.ref])))
    for words in ("आपका पर्चा", "सुबह, दोपहर को और रात को 1 गोली लें, खाने के बाद, 5 दिन तक।", "ख़ूब पानी पिएँ", "बुखार"):
        assert words in page


def test_the_pdf_is_a_file_of_its_number(issued: Prescription) -> None:
    response = Client().get(reverse("prescription:pdf", args=[issued.ref]))
    assert response.headers["Content-Type"] == "application/pdf"
    assert f'filename="{issued.number}.pdf"' in response.headers["Content-Disposition"]
    assert b"".join(response.streaming_content).startswith(b"%PDF-1.7")  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["rx", "pdf"])
def test_a_guessed_link_finds_nothing(db: None, name: str) -> None:
    assert Client().get(reverse(f"prescription:{name}", args=["A" * 22])).status_code == 404


def test_the_patient_is_led_from_the_consultation(
    issued: Prescription, met: Consultation, patients_browser: Client, doctors_browser: Client
) -> None:
    path = reverse("prescription:of_consultation", args=[met.ref])
    response = patients_browser.get(path)
    assert response.headers["Location"] == reverse("prescription:rx", args=[issued.ref])
    assert "login" in doctors_browser.get(path).headers["Location"]


def test_anybody_can_verify_a_number_and_reads_nothing_clinical(issued: Prescription) -> None:
    verify = reverse("papers:verify")
    response = Client().get(verify, {"number": issued.number.lower()})
    page = _words(response)
    assert response.status_code == 200
    assert "Valid" in page
    for clinical in ("Asha", "Fever", "PARACETAMOL", "Paracetamol", "General OPD"):
        assert clinical not in page

    issued.status, issued.revoked_at = Status.REVOKED, now()
    issued.save()
    page = _words(Client().get(verify, {"number": issued.number}))
    assert "Revoked" in page
    assert "This prescription was revoked" in _words(Client().get(reverse("prescription:rx", args=[issued.ref])))


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ("", 200, "Prescription number"),
        ("RX-0000-0000-0", 422, "no prescription number of this portal"),
        ("<script>alert(1)</script>", 422, "&lt;script&gt;"),
        ("x" * 5000, 422, "no prescription number of this portal"),
    ],
)
def test_a_wrong_number_gets_a_sentence(db: None, typed: str, status: int, words: str) -> None:
    response = Client().get(reverse("papers:verify"), {"number": typed})
    assert response.status_code == status
    assert words in _words(response)


def test_a_number_that_was_never_issued_is_unknown(db: None) -> None:
    response = Client().get(reverse("papers:verify"), {"number": "RX-7K3M-9QTD-E"})
    assert response.status_code == 404
    assert "Unknown" in _words(response)
