"""What issue and law call bad input, in both languages: each a clear sentence, a 422, and nothing lost or issued."""

import io
import json
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sehat.accounts.models import Staff
from sehat.consultation.models import Consultation
from sehat.papers import keys, statement
from sehat.papers.verification import stated_by
from sehat.prescription.models import Prescription
from tests.consultation.conftest import logged_in
from tests.papers.test_verify import forged
from tests.prescription.test_clinical import FEVER, HTMX, PARACETAMOL, _words, line

__all__ = ["forged"]

pytestmark = pytest.mark.django_db
NO_DAYS = line("paracetamol-tablet-500-mg", days="0")
TOO_MUCH = line("paracetamol-tablet-500-mg", dose="4 tablets", frequency="1-1-1")
ALPRAZOLAM = json.dumps(json.loads(PARACETAMOL) | {"medicine": "ALPRAZOLAM tablet 0.5 mg", "medicine_code": "x"})


def _in(language: str, client: Client) -> Client:
    client.cookies["django_language"] = language
    return client


@pytest.mark.parametrize(
    ("sent", "english", "hindi"),
    [
        (
            {"temperature": "37"},
            "Nobody alive has less than 90 °F. In °F, please: 37 °C are 98.6 °F.",
            "37 °C, 98.6 °F होता है",
        ),
        ({"oxygen": "101"}, "Nobody alive has more than 100.", "100 से ज़्यादा नहीं होता"),
        ({"pressure": "80/120"}, "Write it as 120/80", "ऐसे लिखें: 120/80"),
        ({"line": [NO_DAYS]}, "Write for how many days: 1 to 180.", "लिखें कि कितने दिन लेनी है: 1 से 180 तक।"),
        ({"line": [TOO_MUCH]}, "6000 mg a day: more than the maximum of 4000 mg.", "अधिकतम 4000 mg से ज़्यादा है"),
        ({"line": [PARACETAMOL, PARACETAMOL]}, "The same substance stands twice", "एक ही दवा दो बार लिखी है"),
        ({"chosen": ["Q99.99"]}, "ICD-10 has no code “Q99.99”.", "ICD-10 में “Q99.99” कोड नहीं है।"),
        ({"line": [ALPRAZOLAM]}, "is prohibited: never by tele-consultation.", "टेली-परामर्श में कभी नहीं लिखी जा सकती"),
    ],
)
def test_the_doctors_form_says_what_is_wrong(
    met: Consultation, doctors_browser: Client, sent: dict[str, Any], english: str, hindi: str
) -> None:
    form = reverse("prescription:form", args=[met.ref])
    whole = FEVER | {"line": [PARACETAMOL], "advice": "Boiled water only"} | sent
    for language, sentence in (("en", english), ("hi", hindi)):
        refused = _in(language, doctors_browser).post(form, whole, headers=HTMX)
        assert refused.status_code == 422
        assert sentence in _words(refused)
        assert "Boiled water only" in _words(refused), "what was typed is there to go on with"
    assert not Prescription.objects.exists()


def _pdf_of_another() -> bytes:
    blank = io.BytesIO()
    with pikepdf.new() as paper:
        paper.add_blank_page()
        paper.save(blank)
    return blank.getvalue()


def _one_byte_off(pdf: bytes) -> bytes:
    middle = len(pdf) // 2
    return pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :]


def test_who_verifies_a_pdf_reads_what_is_wrong_in_hindi_too(issued: Prescription) -> None:
    with issued.file.open("rb") as file:
        genuine = file.read()
    for content, sentences in (
        (_pdf_of_another(), {"en": "not made by this portal", "hi": "इस पोर्टल ने नहीं बनाई है"}),
        (_one_byte_off(genuine), {"en": "changed after it was signed", "hi": "हस्ताक्षर के बाद इसमें बदलाव किया गया है"}),
        (b"no pdf", {"en": "neither a PDF nor a picture", "hi": "PDF है, न तस्वीर"}),
    ):
        for language, sentence in sentences.items():
            paper = SimpleUploadedFile("rx.pdf", content, "application/pdf")
            refused = _in(language, Client()).post(reverse("papers:verify"), {"paper": paper})
            assert refused.status_code == 422
            assert sentence in _words(refused), (language, sentence)
            assert "Asha" not in _words(refused)


@pytest.mark.parametrize("language", ["en", "hi"])
def test_a_code_of_another_portal_or_a_changed_one_is_told(
    issued: Prescription, pharmacist: Staff, forged: Callable[[str], str], language: str
) -> None:
    genuine = statement.sign(stated_by(issued), keys.code_key())
    foreign = {"en": "signed by another portal", "hi": "किसी और पोर्टल"}[language]
    changed = {"en": "changed after it was signed", "hi": "हस्ताक्षर के बाद इसमें बदलाव किया गया है"}[language]
    for code, sentence in ((forged("foreign1"), foreign), (genuine[:-4] + "AAAA", changed)):
        anybody = _in(language, Client()).get(reverse("papers:verify"), {"qr": code})
        store = _in(language, logged_in(staff=pharmacist)).post(reverse("pharmacy:look_up"), {"code": code})
        for refused in (anybody, store):
            assert refused.status_code == 422
            assert sentence in _words(refused), (language, sentence)
