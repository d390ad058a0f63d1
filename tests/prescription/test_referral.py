"""Onward from a consultation: to a specialist, to the same doctor again, or away with a reason."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from sehat.clinic.models import Doctor, Opd
from sehat.consultation import services as consultations
from sehat.consultation.models import Consultation
from sehat.desk import queries as desks
from sehat.desk import services as desk
from sehat.kernel.clock import india_day, now
from sehat.notices.models import Notice
from sehat.prescription.models import Prescription
from sehat.prescription.rules import Outcome
from sehat.tokens import services as tokens
from sehat.tokens.models import FollowUp, Token
from sehat.tokens.records import take
from sehat.tokens.rules import By, State
from sehat.waiting import services as waiting
from tests.consultation.conftest import logged_in
from tests.papers.reading import text_of
from tests.tokens.files import keep_record, pdf, upload

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
COUGH = {"confirmed": "on", "complaint": "Cough for three weeks", "chosen": ["R05"], "issue": "1"}
TO_MEDICINE = COUGH | {"refer_to": "M", "referral_note": "Weight loss.\nTB?"}


@pytest.fixture
def form(met: Consultation) -> str:
    return reverse("prescription:form", args=[met.ref])


def _words(response: Any) -> str:
    return unescape(response.content.decode())


def _seen_by(dr_nair: Doctor, opd: Opd, run_callbacks: DjangoCaptureOnCommitCallbacks) -> Consultation:
    """The referral is taken up, Dr Nair answers."""
    referral, moment = Token.objects.get(opd=opd), now()
    tokens.join(token=referral, now=moment)
    referral.refresh_from_db()
    with run_callbacks(execute=True):
        desk.go_available(doctor=dr_nair, now=moment)
    referral.refresh_from_db()
    waiting.press_call_now(token=referral, now=moment)
    call = desks.open_call_of(dr_nair)
    assert call is not None
    return consultations.answer(call=call, now=moment)


@pytest.mark.parametrize(
    ("looked", "words"),
    [
        ({"no_emergency": "on"}, "Lt Col Arvind Rao looked into them on"),
        ({}, "and did not rule out an emergency."),
    ],
)
def test_what_the_first_doctor_made_of_an_emergency_goes_along(
    met: Consultation,
    form: str,
    medicine: Opd,
    dr_nair: Doctor,
    doctors_browser: Client,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    looked: dict[str, str],
    words: str,
) -> None:
    Token.objects.filter(pk=met.token_id).update(red_flags=["chest_pain"])
    brief = reverse("prescription:brief", args=[met.ref])
    assert "looked into them" not in _words(doctors_browser.get(brief, headers=HTMX)), "the first to look"
    assert doctors_browser.post(form, TO_MEDICINE | looked, headers=HTMX).status_code == 200
    seen = _seen_by(dr_nair, medicine, django_capture_on_commit_callbacks)
    nairs = logged_in(doctor=dr_nair)
    page = _words(nairs.get(reverse("prescription:brief", args=[seen.ref]), headers=HTMX))
    assert "Emergency" in page
    assert words in " ".join(page.split())
    # The second doctor looks for him- or herself before anything but list O is given.
    assert "No emergency: I have looked into the signs" in _words(
        nairs.get(reverse("prescription:form", args=[seen.ref]), headers=HTMX)
    )


def test_from_the_general_opd_to_the_specialist(
    met: Consultation,
    form: str,
    medicine: Opd,
    dr_nair: Doctor,
    doctors_browser: Client,
    patients_browser: Client,
    tmp_path: Any,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """The whole way: Dr Rao refers, Asha goes on with the new token, Dr Nair reads the note and the record."""
    keep_record(met.token, take(upload(pdf(), "report.pdf")), by=By.PATIENT)
    assert '<option value="M">Medicine</option>' in _words(doctors_browser.get(form, headers=HTMX))
    assert doctors_browser.post(form, TO_MEDICINE, headers=HTMX).status_code == 200

    issued = Prescription.objects.get()
    assert issued.outcome == Outcome.REFERRED
    assert "Weight loss." in _words(Client().get(reverse("prescription:rx", args=[issued.ref])))
    with issued.file.open("rb") as file:
        text = text_of(file.read(), tmp_path)
    assert "Referred to" in text
    assert "Medicine · मेडिसिन" in text

    referral = Token.objects.get(opd=medicine)
    page = _words(patients_browser.get(reverse("consultation:room", args=[met.ref])))
    assert referral.code in page
    assert reverse("waiting:room") in page
    assert referral.code in Notice.objects.get(kind="referred", channel="sms").text
    patients_browser.post(reverse("waiting:join"))
    referral.refresh_from_db()
    assert referral.state == State.WAITING

    seen = _seen_by(dr_nair, medicine, django_capture_on_commit_callbacks)
    nairs_browser = Client()
    nairs_browser.force_login(dr_nair.staff, backend="sehat.accounts.backend.StaffBackend")
    page = _words(nairs_browser.get(reverse("consultation:doctor", args=[seen.ref])))
    for words in ("Weight loss.", "TB?", "Lt Col Arvind Rao", "General OPD", "report.pdf"):
        assert words in page
    record = referral.referred_from.records.get()  # type: ignore[union-attr]
    link = reverse("consultation:record", args=[seen.ref, "doctor", record.ref])
    shown = nairs_browser.get(link)
    assert b"".join(shown.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]


def test_a_red_flag_is_before_the_doctors_eyes(met: Consultation, doctors_browser: Client) -> None:
    Token.objects.filter(pk=met.token_id).update(red_flags=["chest_pain"])
    page = _words(doctors_browser.get(reverse("consultation:doctor", args=[met.ref])))
    assert "Chest pain or pressure" in page
    assert "112" in page


def test_a_follow_up_date_gives_the_right_to_come_back(
    met: Consultation, form: str, doctors_browser: Client, dr_rao: Doctor
) -> None:
    day = india_day(now()) + timedelta(days=7)
    sent = COUGH | {"advice": "Rest", "follow_up_on": day.isoformat()}
    assert doctors_browser.post(form, sent, headers=HTMX).status_code == 200
    right = FollowUp.objects.get()
    assert (right.patient, right.doctor, right.due_on) == (met.token.patient, dr_rao, day)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"refer_to": "X"}, "Select a valid choice"),
        ({"refer_to": "G"}, "Select a valid choice"),
        ({"refer_to": ""}, "Choose the OPD that the note is for."),
        (
            {"outcome": "wrong_opd", "reason": "Skin", "refer_to": "", "referral_note": ""},
            "Choose the OPD that is right",
        ),
        ({"outcome": "wrong_opd"}, "Write why: the patient reads it on the sheet."),
        ({"outcome": "refused", "reason": ""}, "Write why: the patient reads it on the sheet."),
    ],
)
def test_a_referral_that_is_none_says_so_beside_its_field(
    change: dict[str, str], sentence: str, form: str, medicine: Opd, doctors_browser: Client
) -> None:
    response = doctors_browser.post(form, TO_MEDICINE | change, headers=HTMX)
    assert response.status_code == 422
    assert sentence in _words(response)
    assert not Prescription.objects.exists()


@pytest.mark.parametrize(
    ("sent", "outcome"),
    [
        ({"advice": "Rest"}, Outcome.ADVICE),
        ({"refer_to": "M"}, Outcome.REFERRED),
        ({"refer_to": "M", "outcome": "wrong_opd", "reason": "A matter for Medicine", "chosen": []}, Outcome.WRONG_OPD),
        ({"outcome": "refused", "reason": "Has to be examined by hand", "chosen": []}, Outcome.REFUSED),
    ],
)
def test_each_outcome_without_medicines_is_a_sheet_and_uses_up_the_token(
    sent: dict[str, Any],
    outcome: Outcome,
    met: Consultation,
    form: str,
    medicine: Opd,
    doctors_browser: Client,
    tmp_path: Any,
) -> None:
    response = doctors_browser.post(form, COUGH | sent, headers=HTMX)
    assert response.status_code == 200, _words(response)
    issued = Prescription.objects.get()
    met.token.refresh_from_db()
    assert (issued.outcome, met.token.state) == (outcome, State.COMPLETED)
    assert issued.outcome_reason == sent.get("reason", "")
    with issued.file.open("rb") as file:
        assert sent.get("reason", "") in text_of(file.read(), tmp_path)


def test_no_medicine_stands_on_a_sheet_of_refusal(form: str, doctors_browser: Client) -> None:
    medicine = {
        "medicine": "PARACETAMOL tablet 500 mg",
        "medicine_code": "paracetamol-tablet-500-mg",
        "frequency": "BD",
        "days": "5",
    }
    sent = COUGH | medicine | {"outcome": "refused", "reason": "Has to be examined by hand"}
    response = doctors_browser.post(form, sent, headers=HTMX)
    assert response.status_code == 422
    assert "No medicine stands on such a sheet." in _words(response)


def test_an_opd_that_is_full_refuses_and_nothing_is_issued(
    met: Consultation, form: str, medicine: Opd, doctors_browser: Client
) -> None:
    Opd.objects.filter(pk=medicine.pk).update(daily_cap=0)
    response = doctors_browser.post(form, TO_MEDICINE, headers=HTMX)
    assert response.status_code >= 400
    assert "TB?" in _words(response)
    met.token.refresh_from_db()
    assert met.token.state == State.CONSULTING
    assert not Prescription.objects.exists()
    assert not Notice.objects.filter(kind="prescription_ready").exists()
