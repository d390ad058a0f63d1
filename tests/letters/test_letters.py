"""Letters: signed, sent, checked by anybody, taken back by their doctor."""

import io
import json
import threading
import zipfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any, cast

import pikepdf
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from sehat.audit.models import Entry
from sehat.clinic.models import Doctor, Opd
from sehat.consultation import services as consultations
from sehat.consultation.models import Consultation
from sehat.consultation.rules import PutBack
from sehat.kernel.clock import india_day, now
from sehat.kernel.ids import new_ref
from sehat.letters import services, starting
from sehat.letters.errors import LeaveStands, NotYourLetter, TooLate, TooManyLetters
from sehat.letters.models import Letter
from sehat.letters.rules import MOST_LETTERS, Purpose, Urgency
from sehat.letters.writing import ReferralLetter, SickLeave
from sehat.notices.models import Notice
from sehat.papers import checking, command, keys
from sehat.papers.errors import NotValidAnyMore
from sehat.papers.rules import Status
from sehat.prescription import services as prescriptions
from sehat.prescription.models import Prescription
from sehat.tokens.models import Token
from tests.papers.reading import pages_of, signature_of, text_of

WHY = "The dates were wrong"


def _pdf(letter: Letter) -> bytes:
    with letter.file.open("rb") as file:
        return bytes(file.read())


def _words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def _code(letter: Letter) -> str:
    """The address under the QR code."""
    with pikepdf.open(io.BytesIO(_pdf(letter))) as paper:
        note = next(one for one in paper.pages[0]["/Annots"] if "/A" in one)
        return str(note["/A"]["/URI"])


def test_a_referral_letter_is_signed_and_says_all(letter: Letter, tmp_path: Path) -> None:
    assert letter.number.startswith("RF-")
    text = " ".join(text_of(_pdf(letter), tmp_path).split())
    for words in (
        letter.number,
        "Surgery",
        "Command Hospital, Shantipur",
        "Urgent: to be seen today",
        "आज ही दिखाएँ",
        "Appendicitis to be excluded",
        "Acute abdomen",
        "penicillin",
        "Asha Verma",
        "अपना पहचान पत्र और इलाज के सारे काग़ज़ लेकर अस्पताल जाएँ",
    ):
        assert words in text, text
    assert pages_of(_pdf(letter), tmp_path) == 1
    said = signature_of(_pdf(letter), tmp_path)
    assert "Signature is Valid" in said
    assert "Total document signed" in said


def test_a_sick_leave_tells_days_and_no_illness(advised: Letter, tmp_path: Path) -> None:
    assert advised.number.startswith("SA-")
    text = " ".join(text_of(_pdf(advised), tmp_path).split())
    for words in (
        "23 Nov 2026",
        "25 Nov 2026",
        "3 days",
        "3 दिन",
        "Rest at home",
        "15483027X",
        "Leave itself is granted",
    ):
        assert words in text, text
    assert "Diagnosis" not in text
    assert "Fever" not in text
    assert "Signature is Valid" in signature_of(_pdf(advised), tmp_path)


def test_the_patient_is_told_by_a_link_without_a_clinical_word(letter: Letter) -> None:
    notice = Notice.objects.get(kind="letter_ready", channel="sms")
    assert letter.ref in notice.text
    assert "Surgery" not in notice.text
    page = _words(Client().get(reverse("letters:letter", args=[letter.ref])))
    assert "Appendicitis to be excluded" in page
    assert "Valid" in page
    response = Client().get(reverse("letters:pdf", args=[letter.ref]))
    assert f'filename="{letter.number}.pdf"' in response.headers["Content-Disposition"]
    assert b"".join(cast(Iterable[bytes], response)) == _pdf(letter)
    assert Client().get(reverse("letters:letter", args=[new_ref()])).status_code == 404
    assert Client().get(reverse("letters:pdf", args=[new_ref()])).status_code == 404


@pytest.mark.parametrize("which", ["letter", "advised"])
def test_anybody_checks_it_and_reads_nothing_clinical(
    which: str, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter: Letter = request.getfixturevalue(which)
    scanned = _code(letter)
    for page in (
        _words(Client().get(scanned[scanned.index("/verify/") :])),
        _words(Client().get(reverse("papers:verify"), {"number": letter.number.lower()})),
        _words(Client().post(reverse("papers:verify"), {"paper": io.BytesIO(_pdf(letter))})),
    ):
        assert "Valid" in page
        assert letter.get_purpose_display() in page
        for clinical in ("Asha", "Surgery", "Appendicitis", letter.ref):
            assert clinical not in page
    paper, jwks = tmp_path / "letter.pdf", tmp_path / "jwks.json"
    paper.write_bytes(_pdf(letter))
    jwks.write_text(json.dumps(keys.published()))
    assert command.offline(paper=paper, code="", jwks=jwks) == 0
    assert command.offline(paper=None, code=scanned, jwks=jwks) == 0
    assert command.online(paper=paper, code="") == 0
    assert capsys.readouterr().out.count(letter.number) == 3


def test_a_changed_letter_is_not_taken_for_a_true_one(advised: Letter) -> None:
    with pikepdf.open(io.BytesIO(_pdf(advised))) as paper:
        changed = io.BytesIO()
        paper.save(changed)
    page = _words(Client().post(reverse("papers:verify"), {"paper": io.BytesIO(changed.getvalue())}))
    assert "Do not trust it" in page
    Letter.objects.update(content={**advised.content, "last": "2026-12-25"})
    scanned = _code(advised)
    assert "changed after it was signed" in _words(Client().get(scanned[scanned.index("/verify/") :]))


def test_its_doctor_revokes_it_and_the_patient_is_told(letter: Letter, dr_rao: Doctor, ten_o_clock: datetime) -> None:
    services.revoke(letter=letter, doctor=dr_rao, reason=WHY, now=ten_o_clock)
    letter.refresh_from_db()
    assert (letter.status, letter.revoked_because) == (Status.REVOKED, WHY)
    notice = Notice.objects.get(kind="letter_revoked", channel="sms")
    assert letter.number in notice.text
    assert WHY not in notice.text
    assert WHY in _words(Client().get(reverse("letters:letter", args=[letter.ref])))
    assert "counts no more" in _words(Client().get(reverse("papers:verify"), {"number": letter.number}))
    with pytest.raises(NotValidAnyMore, match=letter.number):
        services.revoke(letter=letter, doctor=dr_rao, reason=WHY, now=ten_o_clock)
    assert [entry.details["number"] for entry in Entry.objects.filter(action__startswith="letter.")] == [
        letter.number
    ] * 2
    assert checking.check_pdf(_pdf(letter), keys.published()).number == letter.number  # what was signed stays signed


def test_another_doctor_neither_writes_nor_revokes(
    letter: Letter, met: Consultation, dr_iyer: Doctor, referral: ReferralLetter, ten_o_clock: datetime
) -> None:
    with pytest.raises(NotYourLetter):
        services.issue(consultation=met, doctor=dr_iyer, content=referral, pressed=new_ref(), now=ten_o_clock)
    with pytest.raises(NotYourLetter):
        services.revoke(letter=letter, doctor=dr_iyer, reason=WHY, now=ten_o_clock)
    browser = Client()
    browser.force_login(dr_iyer.staff, backend="sehat.accounts.backend.StaffBackend")
    for name, args in (
        ("of_consultation", [met.ref]),
        ("write", [met.ref, Purpose.REFERRAL]),
        ("revoke", [letter.ref]),
    ):
        assert browser.get(reverse(f"letters:{name}", args=args)).status_code == 404
    assert letter.number not in _words(browser.get(reverse("letters:issued")))


def test_one_sick_leave_of_a_consultation_counts(
    advised: Letter, met: Consultation, dr_rao: Doctor, leave: SickLeave, ten_o_clock: datetime
) -> None:
    with pytest.raises(LeaveStands, match=advised.number):
        services.issue(consultation=met, doctor=dr_rao, content=leave, pressed=new_ref(), now=ten_o_clock)
    services.revoke(letter=advised, doctor=dr_rao, reason=WHY, now=ten_o_clock)
    again = services.issue(consultation=met, doctor=dr_rao, content=leave, pressed=new_ref(), now=ten_o_clock)
    assert again.number != advised.number


def test_a_second_press_makes_no_second_letter(
    letter: Letter, met: Consultation, dr_rao: Doctor, referral: ReferralLetter, ten_o_clock: datetime
) -> None:
    again = services.issue(consultation=met, doctor=dr_rao, content=referral, pressed=letter.pressed, now=ten_o_clock)
    assert again == letter
    for number in range(MOST_LETTERS - 1):
        services.issue(consultation=met, doctor=dr_rao, content=referral, pressed=f"press {number}", now=ten_o_clock)
    with pytest.raises(TooManyLetters):
        services.issue(consultation=met, doctor=dr_rao, content=referral, pressed="one more", now=ten_o_clock)


@pytest.mark.django_db(transaction=True)
def test_two_sick_leaves_at_once_make_one_and_leave_no_file(
    met: Consultation, dr_rao: Doctor, leave: SickLeave, ten_o_clock: datetime
) -> None:
    gate, outcomes = threading.Barrier(2), []

    def press() -> None:
        try:
            gate.wait()
            mine = Consultation.objects.select_related("token__patient", "token__opd", "doctor__hospital").get(
                pk=met.pk
            )
            services.issue(consultation=mine, doctor=dr_rao, content=leave, pressed=new_ref(), now=ten_o_clock)
            outcomes.append("issued")
        except LeaveStands:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["issued", "refused"]
    kept = Letter.objects.get()
    assert kept.file.storage.exists(str(kept.file.name))


def test_a_letter_can_be_written_for_a_week_and_not_for_who_was_put_back(
    issued: Prescription, met: Consultation, dr_rao: Doctor, referral: ReferralLetter, ten_o_clock: datetime
) -> None:
    consultations.finish(consultation=met, now=ten_o_clock)
    met.refresh_from_db()
    after = ten_o_clock + timedelta(days=6, hours=23)
    services.issue(consultation=met, doctor=dr_rao, content=referral, pressed="in time", now=after)
    with pytest.raises(TooLate):
        late = ten_o_clock + timedelta(days=7, seconds=1)
        services.issue(consultation=met, doctor=dr_rao, content=referral, pressed="late", now=late)


def test_who_was_put_back_gets_no_letter(
    met: Consultation, dr_rao: Doctor, referral: ReferralLetter, ten_o_clock: datetime
) -> None:
    consultations.put_back(consultation=met, reason=PutBack.LINE, now=ten_o_clock)
    with pytest.raises(TooLate):
        services.issue(consultation=met, doctor=dr_rao, content=referral, pressed="x", now=ten_o_clock)


def test_it_stands_in_the_past_and_in_the_whole_record(
    letter: Letter, advised: Letter, issued: Prescription, patients_browser: Client, doctors_browser: Client
) -> None:
    past = _words(patients_browser.get(reverse("history:past")))
    for one in (letter, advised):
        assert past.count(reverse("letters:letter", args=[one.ref])) == 1
    response = patients_browser.get(reverse("history:whole_record"))
    whole = zipfile.ZipFile(io.BytesIO(b"".join(cast(Iterable[bytes], response))))
    assert whole.read(f"letters/{letter.number}.pdf") == _pdf(letter)
    assert f"letters/{advised.number}.pdf" in whole.namelist()
    assert letter.ref in _words(doctors_browser.get(reverse("history:of_patient", args=[letter.consultation.ref])))


def test_a_letter_without_a_prescription_stands_there_too(letter: Letter, patients_browser: Client) -> None:
    past = _words(patients_browser.get(reverse("history:past")))
    assert reverse("letters:letter", args=[letter.ref]) in past
    assert reverse("history:whole_record") in past


def test_the_doctor_writes_one_on_the_consultation_page(
    issued: Prescription, met: Consultation, doctors_browser: Client
) -> None:
    panel = reverse("letters:of_consultation", args=[met.ref])
    assert panel in _words(doctors_browser.get(reverse("consultation:doctor", args=[met.ref])))
    address = reverse("letters:write", args=[met.ref, Purpose.REFERRAL])
    assert address in _words(doctors_browser.get(panel, headers={"HX-Request": "true"}))
    page = doctors_browser.get(address)
    assert "PARACETAMOL tablet 500 mg" in _words(page)
    assert "Fever, unspecified" in _words(page)
    sent = {**page.context["form"].initial, "department": "Medicine", "reason": "", "urgency": "soon"}
    nothing = doctors_browser.post(address, sent)
    assert nothing.status_code == 422
    assert 'value="Medicine"' in _words(nothing)
    assert "PARACETAMOL tablet 500 mg" in _words(nothing)
    assert doctors_browser.post(address, sent | {"reason": "Fever for three weeks"}).status_code == 302
    letter = Letter.objects.get()
    assert letter.number in _words(doctors_browser.get(panel))
    assert letter.number in _words(doctors_browser.get(reverse("letters:issued"))) or letter.issued_at < now()


@pytest.mark.parametrize(
    ("days", "more", "words"),
    [
        ((0, 7), {}, "At most 7 days can be advised after a tele-consultation"),
        ((0, -1), {}, "The last day lies before the first."),
        ((-3, 0), {}, "A leave can begin at most 2 days before today."),
        ((4, 5), {}, "A leave can begin at most 3 days from today."),
        ((0, 0), {"agreed": "on", "diagnosis": ""}, "Write the diagnosis, or take the tick away."),
        ((0, 0), {"note": "😀"}, "cannot be printed"),
        ((0, 0), {"rest": "holiday"}, "holiday"),
        ((0, 0), {"first": "yesterday"}, "Write the date as day, month and year."),
    ],
)
def test_a_leave_that_cannot_be_meant_gets_a_sentence(
    met: Consultation, doctors_browser: Client, days: tuple[int, int], more: dict[str, str], words: str
) -> None:
    today = india_day(now())
    first, last = (today + timedelta(days=number) for number in days)
    address = reverse("letters:write", args=[met.ref, Purpose.SICK_LEAVE])
    sent = {
        "pressed": "x",
        "first": str(first),
        "last": str(last),
        "rest": "home",
        "reason": "unwell",
        "diagnosis": "Flu",
    }
    response = doctors_browser.post(address, sent | more)
    assert response.status_code == 422
    assert words in _words(response)
    assert not Letter.objects.exists()


@pytest.mark.parametrize(("agreed", "diagnosis"), [({}, ""), ({"agreed": "on"}, "Influenza")])
def test_the_diagnosis_stands_on_it_only_where_the_patient_agrees(
    met: Consultation, doctors_browser: Client, agreed: dict[str, str], diagnosis: str, tmp_path: Path
) -> None:
    today = str(india_day(now()))
    address = reverse("letters:write", args=[met.ref, Purpose.SICK_LEAVE])
    sent = {"pressed": "x", "first": today, "last": today, "rest": "home", "reason": "unwell", "diagnosis": "Influenza"}
    assert doctors_browser.post(address, sent | agreed).status_code == 302
    letter = Letter.objects.get()
    assert letter.content["diagnosis"] == diagnosis
    assert ("Influenza" in text_of(_pdf(letter), tmp_path)) is bool(diagnosis)
    again = doctors_browser.get(address)
    assert "Sick leave advised in the last three months" in _words(again)


def test_a_referral_letter_begins_with_what_was_written(
    issued: Prescription, met: Consultation, ten_o_clock: datetime
) -> None:
    clinical = {
        "history": "Asthma",
        "vitals": {"systolic": 150, "diastolic": 95},
        "in_use": ["Telma 40"],
        "allergies": ["Mox"],
    }
    sent = {"opd": "S", "english": "Surgery", "hindi": "सर्जरी", "note": "Appendicitis?"}
    Prescription.objects.filter(pk=issued.pk).update(clinical=clinical, referral=sent)
    found = starting.initial(met, Purpose.REFERRAL, today=ten_o_clock.date())
    assert (found["department"], found["reason"], found["urgency"]) == ("Surgery", "Appendicitis?", "")
    assert found["allergies"] == "Mox"
    for words in (
        "Fever (3 days)",
        "Throat red",
        "History: Asthma",
        "Vitals: BP 150/95 mmHg",
        "Already taking: Telma 40",
    ):
        assert words in found["history"]
    assert "PARACETAMOL tablet 500 mg, 1 tablet, 1-1-1, 5 d" in found["treatment"]


def test_before_the_prescription_it_begins_with_the_draft_and_in_an_emergency_with_today(
    met: Consultation, medicine: Opd, ten_o_clock: datetime
) -> None:
    Token.objects.filter(pk=met.token_id).update(red_flags=["chest_pain"])
    met.token.refresh_from_db()
    body = {"complaint": ["Chest pain"], "allergies": ["Mox"], "refer_to": [medicine.code], "referral_note": ["ECG"]}
    body |= {"pressure": ["90/60"], "chosen": ["R07.4"]}
    prescriptions.open_draft(consultation=met, window="one", seen=0, now=ten_o_clock)
    prescriptions.save_draft(
        consultation=met,
        window="one",
        version=1,
        body=body,
        now=ten_o_clock,
    )
    found = starting.initial(met, Purpose.REFERRAL, today=ten_o_clock.date())
    assert (found["department"], found["reason"], found["urgency"]) == ("Medicine", "ECG", Urgency.TODAY)
    assert found["allergies"] == "Mox"
    assert "Vitals: BP 90/60 mmHg" in found["history"]
    assert "Chest pain" in found["diagnosis"]


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("department", "Write which department should see the patient."),
        ("hospital", "Write which hospital the patient should go to."),
        ("urgency", "Choose how soon the patient should be seen."),
        ("reason", "Write what your colleague should look for or do."),
    ],
)
def test_an_empty_field_says_what_belongs_there(
    field: str, sentence: str, met: Consultation, doctors_browser: Client
) -> None:
    whole = {"pressed": "x", "department": "Surgery", "hospital": "MH", "urgency": "today", "reason": "Pain"}
    address = reverse("letters:write", args=[met.ref, Purpose.REFERRAL])
    response = doctors_browser.post(address, whole | {field: ""})
    assert response.status_code == 422
    assert sentence in unescape(response.content.decode())
