"""The counter: by number, code, photograph, PDF, or mobile and last letters; guessing is locked out and audited."""

import io
from datetime import datetime
from typing import Any

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from sehat.audit.models import Entry
from sehat.clinic.models import Doctor, Posting
from sehat.consultation.models import Consultation
from sehat.kernel.clock import now
from sehat.letters import services as letters
from sehat.letters.writing import SickLeave
from sehat.papers import keys, statement
from sehat.papers.rules import Kind, written_number
from sehat.papers.verification import stated_by
from sehat.pharmacy import looking_up
from sehat.prescription import services as prescriptions
from sehat.prescription.models import Prescription
from sehat.prescription.writing import Written
from sehat.registration.models import Patient

LOOK_UP = "/pharmacy/look-up/"


def _code(prescription: Prescription) -> str:
    return f"https://opd.example.in/verify/?qr={statement.sign(stated_by(prescription), keys.code_key())}"


def _photo(text: str) -> SimpleUploadedFile:
    picture = io.BytesIO()
    segno.make_qr(text).save(picture, kind="png", scale=6, border=6)
    return SimpleUploadedFile("photo.png", picture.getvalue())


def _page(prescription: Prescription) -> str:
    return reverse("pharmacy:prescription", args=[prescription.ref])


def _goes_to(response: Any, prescription: Prescription) -> bool:
    return response.status_code == 302 and response.headers["Location"] == _page(prescription)


def test_by_its_number_however_typed(stores_browser: Client, issued: Prescription) -> None:
    for typed in (issued.number, issued.number.lower().replace("-", " ")):
        assert _goes_to(stores_browser.post(LOOK_UP, {"code": typed}), issued)


def test_by_what_a_reader_makes_of_the_code(stores_browser: Client, issued: Prescription) -> None:
    assert _goes_to(stores_browser.post(LOOK_UP, {"code": _code(issued)}), issued)


def test_by_a_photograph_of_the_code(stores_browser: Client, issued: Prescription) -> None:
    assert _goes_to(stores_browser.post(LOOK_UP, {"paper": _photo(_code(issued))}), issued)


def test_by_the_pdf(stores_browser: Client, issued: Prescription) -> None:
    with issued.file.open("rb") as file:
        paper = SimpleUploadedFile("rx.pdf", file.read())
    assert _goes_to(stores_browser.post(LOOK_UP, {"paper": paper}), issued)


@pytest.mark.parametrize("letters", [slice(-6, None), slice(0, None)])
def test_by_mobile_and_the_last_letters(
    stores_browser: Client, issued: Prescription, asha: Patient, letters: slice
) -> None:
    asked = {"mobile": f"+91 {asha.mobile}", "letters": issued.number[letters].lower()}
    assert _goes_to(stores_browser.post(LOOK_UP, asked), issued)


def test_another_paper_of_the_portal_is_no_prescription(
    stores_browser: Client, met: Consultation, dr_rao: Doctor, leave: SickLeave, ten_o_clock: datetime
) -> None:
    letter = letters.issue(consultation=met, doctor=dr_rao, content=leave, pressed="once", now=ten_o_clock)
    response = stores_browser.post(LOOK_UP, {"code": letter.number})
    assert response.status_code == 422
    assert "No prescription was found" in response.content.decode()


def test_another_patients_mobile_finds_nothing(stores_browser: Client, issued: Prescription, meera: Patient) -> None:
    response = stores_browser.post(LOOK_UP, {"mobile": meera.mobile, "letters": issued.number[-6:]})
    assert response.status_code == 422
    assert "No prescription was found" in response.content.decode()


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"code": ""}, "Please fill this in."),
        ({"code": "hello"}, "no code of a prescription"),
        ({"code": written_number(Kind.PRESCRIPTION, "7K3M9QTD")}, "No prescription was found"),
        ({"mobile": "12", "letters": "9QTDE"}, "ten digits"),
        ({"mobile": "9876543211", "letters": "9Q"}, "last five letters"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_kept(
    stores_browser: Client, asked: dict[str, str], sentence: str
) -> None:
    response = stores_browser.post(LOOK_UP, asked)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "aria-invalid" in page
    assert all(f'value="{value}"' in page for value in asked.values() if value)


def test_bad_pictures_are_told(stores_browser: Client, issued: Prescription) -> None:
    empty = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(empty, "PNG")
    for paper, sentence in (
        (SimpleUploadedFile("white.png", empty.getvalue()), "no code on this picture"),
        (SimpleUploadedFile("photo.png", b"not a picture"), "neither a PDF nor a picture"),
        (SimpleUploadedFile("rx.pdf", b"%PDF-1.7\nnothing"), "PDF"),
        (_photo("https://elsewhere.example/verify/"), "no code of a prescription"),
    ):
        response = stores_browser.post(LOOK_UP, {"paper": paper})
        assert response.status_code == 422
        assert sentence in response.content.decode()


def test_a_changed_code_is_refused_and_audited(stores_browser: Client, issued: Prescription) -> None:
    head, body, signature = statement.sign(stated_by(issued), keys.code_key()).split(".")
    response = stores_browser.post(LOOK_UP, {"code": f"{head}.{body[:-2]}AA.{signature}"})
    assert response.status_code == 422
    assert Entry.objects.filter(action="prescription.look_up_failed").count() == 1


def test_guessing_for_a_mobile_is_locked_and_audited(
    stores_browser: Client, issued: Prescription, asha: Patient
) -> None:
    for _ in range(looking_up.WRONG_OF_MOBILE.tries):
        assert stores_browser.post(LOOK_UP, {"mobile": asha.mobile, "letters": "AAAA-0"}).status_code == 422
    right = stores_browser.post(LOOK_UP, {"mobile": asha.mobile, "letters": issued.number[-6:]})
    assert right.status_code == 429
    assert "Too many wrong tries" in right.content.decode()
    entries = Entry.objects.filter(action="prescription.look_up_failed")
    assert entries.count() == looking_up.WRONG_OF_MOBILE.tries
    assert not any(asha.mobile in str(entry.details) + entry.subject for entry in entries)
    assert _goes_to(stores_browser.post(LOOK_UP, {"code": issued.number}), issued), "the sheet itself still does"


def test_guessing_numbers_is_locked(stores_browser: Client, issued: Prescription) -> None:
    for number in range(looking_up.WRONG_OF_STAFF.tries):
        asked = {"code": written_number(Kind.PRESCRIPTION, f"{number:08d}")}
        assert stores_browser.post(LOOK_UP, asked).status_code == 422
    assert stores_browser.post(LOOK_UP, {"code": issued.number}).status_code == 429


def test_looking_up_right_ones_is_never_locked(stores_browser: Client, issued: Prescription) -> None:
    for _ in range(looking_up.WRONG_OF_STAFF.tries + 2):
        assert _goes_to(stores_browser.post(LOOK_UP, {"code": issued.number}), issued)


def test_the_page_shows_what_is_left_and_each_look_is_audited(stores_browser: Client, issued: Prescription) -> None:
    page = stores_browser.get(_page(issued)).content.decode()
    assert "PARACETAMOL tablet 500 mg" in page
    assert "Dispense here" in page
    assert "Fever" not in page
    assert Entry.objects.get(action="prescription.look_up").subject.endswith(f":{issued.pk}")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Nothing may be dispensed by the old one"), ("hi", "पुराने पर्चे पर कोई दवा नहीं दी जा सकती")],
)
def test_an_amended_one_names_the_newer_in_both_languages(
    stores_browser: Client,
    issued: Prescription,
    dr_rao: Doctor,
    written: Written,
    ten_o_clock: datetime,
    language: str,
    words: str,
) -> None:
    newer = prescriptions.amend(prescription=issued, doctor=dr_rao, written=written, reason="A slip", now=ten_o_clock)
    stores_browser.cookies["django_language"] = language
    page = stores_browser.get(_page(issued)).content.decode()
    assert words in page
    assert newer.number in page
    assert _page(newer) in page
    assert "serve/" not in page
    response = stores_browser.post(reverse("pharmacy:serve", args=[issued.ref]))
    assert response.status_code == 409
    assert newer.number in response.content.decode()


@pytest.mark.parametrize(("language", "words"), [("en", "could be used until"), ("hi", "तक ही दवा मिल सकती थी")])
def test_an_old_one_says_until_when_in_both_languages(
    stores_browser: Client, issued: Prescription, language: str, words: str
) -> None:
    Prescription.objects.filter(pk=issued.pk).update(issued_at=now().replace(year=2025))
    stores_browser.cookies["django_language"] = language
    assert words in stores_browser.get(_page(issued)).content.decode()
    assert words in stores_browser.post(reverse("pharmacy:serve", args=[issued.ref])).content.decode()


def test_a_pharmacist_without_a_store_is_told_whom_to_ask(stores_browser: Client) -> None:
    Posting.objects.all().delete()
    response = stores_browser.get("/pharmacy/")
    assert response.status_code == 409
    assert "ask HQ" in response.content.decode()
