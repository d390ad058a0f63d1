"""A mistake makes an amended prescription that names and revokes the first; or the doctor revokes it."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from sehat.audit.models import Entry
from sehat.clinic.models import Doctor
from sehat.consultation.models import Consultation
from sehat.kernel.clock import now
from sehat.kernel.ids import new_ref
from sehat.notices.models import Notice
from sehat.papers.errors import NotValidAnyMore
from sehat.papers.rules import Status
from sehat.prescription import correcting, noting, services
from sehat.prescription.errors import NotYourPrescription
from sehat.prescription.models import Prescription
from sehat.prescription.writing import Clinical, Written
from tests.papers.reading import text_of
from tests.prescription.conftest import line

WHY = "The strength was wrong"


@pytest.fixture
def better(written: Written) -> Written:
    """The same, with half the paracetamol."""
    return replace(written, lines=(line("paracetamol-tablet-500-mg", "1-0-1", days=3),))


@pytest.fixture
def amended(issued: Prescription, dr_rao: Doctor, better: Written, ten_o_clock: datetime) -> Prescription:
    """What Dr Rao issued in its place."""
    return services.amend(prescription=issued, doctor=dr_rao, written=better, reason=WHY, now=ten_o_clock)


def _words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_amended_one_names_and_revokes_the_first(
    issued: Prescription, amended: Prescription, tmp_path: Path, ten_o_clock: datetime
) -> None:
    issued.refresh_from_db()
    assert (issued.status, issued.revoked_at, issued.revoked_because) == (Status.REVOKED, ten_o_clock, WHY)
    assert issued.amended_by == amended
    assert amended.consultation == issued.consultation
    assert [(one.frequency, one.days) for one in amended.lines.all()] == [("1-0-1", 3)]
    with amended.file.open("rb") as file:
        text = " ".join(text_of(file.read(), tmp_path).split())
    assert f"replaces {issued.number}, which is revoked" in text
    notice = Notice.objects.get(kind="prescription_amended", channel="sms")
    assert issued.number in notice.text
    assert amended.ref in notice.text
    entry = Entry.objects.get(action="prescription.amend")
    assert (entry.details["number"], entry.details["replaces"]) == (amended.number, issued.number)
    assert WHY not in str(entry.details) + notice.text


def test_amending_twice_gives_the_same(
    issued: Prescription, amended: Prescription, dr_rao: Doctor, better: Written, ten_o_clock: datetime
) -> None:
    again = services.amend(prescription=issued, doctor=dr_rao, written=better, reason=WHY, now=ten_o_clock)
    assert again == amended
    assert Prescription.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_amendments_at_once_make_one(
    issued: Prescription, dr_rao: Doctor, better: Written, ten_o_clock: datetime
) -> None:
    made: list[int] = []
    gate = threading.Barrier(2)

    def press() -> None:
        try:
            mine = Prescription.objects.get(pk=issued.pk)
            gate.wait()
            new = services.amend(prescription=mine, doctor=dr_rao, written=better, reason=WHY, now=ten_o_clock)
            made.append(new.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert len(set(made)) == 1
    kept = {prescription.file.name for prescription in Prescription.objects.all()}
    folder = Path(issued.file.path).parent
    assert {path.name for path in folder.iterdir()} >= {Path(name or "").name for name in kept}
    assert Prescription.objects.filter(status=Status.ISSUED).count() == 1


def test_the_amended_one_may_be_amended_again(
    amended: Prescription, dr_rao: Doctor, written: Written, ten_o_clock: datetime
) -> None:
    third = services.amend(prescription=amended, doctor=dr_rao, written=written, reason=WHY, now=ten_o_clock)
    assert third.replaces == amended


def test_revoking_tells_the_patient_and_is_recorded(
    issued: Prescription, dr_rao: Doctor, ten_o_clock: datetime
) -> None:
    services.revoke(prescription=issued, doctor=dr_rao, reason=WHY, now=ten_o_clock)
    issued.refresh_from_db()
    assert (issued.status, issued.revoked_because) == (Status.REVOKED, WHY)
    notice = Notice.objects.get(kind="prescription_revoked", channel="sms")
    assert issued.ref in notice.text
    assert WHY not in notice.text
    assert Entry.objects.get(action="prescription.revoke").details == {"number": issued.number}


def test_what_counts_no_more_is_neither_amended_nor_revoked(
    issued: Prescription, dr_rao: Doctor, better: Written, ten_o_clock: datetime
) -> None:
    services.revoke(prescription=issued, doctor=dr_rao, reason=WHY, now=ten_o_clock)
    files = set(Path(issued.file.path).parent.iterdir())
    with pytest.raises(NotValidAnyMore, match=issued.number):
        services.revoke(prescription=issued, doctor=dr_rao, reason=WHY, now=ten_o_clock)
    with pytest.raises(NotValidAnyMore):
        services.amend(prescription=issued, doctor=dr_rao, written=better, reason=WHY, now=ten_o_clock)
    assert set(Path(issued.file.path).parent.iterdir()) == files


def test_another_doctor_can_do_neither(
    issued: Prescription, dr_iyer: Doctor, better: Written, ten_o_clock: datetime
) -> None:
    with pytest.raises(NotYourPrescription):
        services.amend(prescription=issued, doctor=dr_iyer, written=better, reason=WHY, now=ten_o_clock)
    with pytest.raises(NotYourPrescription):
        services.revoke(prescription=issued, doctor=dr_iyer, reason=WHY, now=ten_o_clock)
    browser = Client()
    browser.force_login(dr_iyer.staff, backend="sehat.accounts.backend.StaffBackend")
    assert issued.number not in _words(browser.get(reverse("prescription:issued")))
    for name in ("amend", "revoke"):
        address = reverse(f"prescription:{name}", args=[issued.ref])
        assert browser.get(address).status_code == 404
        assert browser.post(address, {"reason": WHY}).status_code == 404
    assert browser.post(reverse("prescription:amend_medicines", args=[issued.ref])).status_code == 404


def test_the_old_sheets_page_says_so(issued: Prescription, amended: Prescription) -> None:
    old = _words(Client().get(reverse("prescription:rx", args=[issued.ref])))
    assert "The doctor has replaced this prescription by a new one" in old
    assert reverse("prescription:rx", args=[amended.ref]) in old
    assert WHY in old
    new = _words(Client().get(reverse("prescription:rx", args=[amended.ref])))
    assert f"This prescription replaces {issued.number}" in new


def test_the_doctor_finds_the_own_ones_of_the_last_days(issued: Prescription, doctors_browser: Client) -> None:
    Prescription.objects.update(issued_at=now())
    page = _words(doctors_browser.get(reverse("prescription:issued")))
    assert issued.number in page
    assert reverse("prescription:amend", args=[issued.ref]) in page
    Prescription.objects.update(issued_at=now() - timedelta(days=31))
    assert issued.number not in _words(doctors_browser.get(reverse("prescription:issued")))
    assert reverse("prescription:issued") in _words(doctors_browser.get(reverse("desk:desk")))


def test_the_doctor_finds_a_patient_among_many(
    issued: Prescription, doctors_browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Prescription.objects.update(issued_at=now())
    second = Prescription.objects.get(pk=issued.pk)
    second.pk, second.ref, second.number, second.status = None, new_ref(), "RX-AAAA-AAAA-A", Status.REVOKED
    second.people = second.people | {"patient": second.people["patient"] | {"name": "Mohan Lal"}}
    second.save()
    address = reverse("prescription:issued")

    def asked(**sent: str) -> str:
        return _words(doctors_browser.post(address, sent))

    assert issued.number in asked(words="asha")
    assert second.number not in asked(words="asha")
    assert second.number in asked(words=" rx-aaaa ")
    assert "No prescription of yours in these days for “Zoya”." in asked(words="Zoya")
    monkeypatch.setattr(correcting, "AT_ONCE", 1)
    newest = asked()
    assert second.number in newest
    assert issued.number not in newest
    assert f'value="{second.pk}"' in newest
    assert issued.number in asked(before=str(second.pk))
    assert second.number in asked(before="x" * 30)


@pytest.mark.parametrize("reason", ["", "x", "😀 because of it"])
def test_a_reason_is_asked_for(issued: Prescription, doctors_browser: Client, reason: str) -> None:
    response = doctors_browser.post(reverse("prescription:revoke", args=[issued.ref]), {"reason": reason})
    assert response.status_code == 422
    assert 'aria-invalid="true"' in _words(response)
    issued.refresh_from_db()
    assert issued.status == Status.ISSUED


def test_the_doctor_revokes_on_the_page(issued: Prescription, doctors_browser: Client) -> None:
    address = reverse("prescription:revoke", args=[issued.ref])
    assert "Asha Verma" in _words(doctors_browser.get(address))
    assert doctors_browser.post(address, {"reason": WHY}).status_code == 302
    issued.refresh_from_db()
    assert issued.status == Status.REVOKED
    assert "was revoked before" in _words(doctors_browser.post(address, {"reason": WHY}))
    assert "is revoked" in _words(doctors_browser.get(address))


class _Form(HTMLParser):
    """What the browser would send of the form as it is shown."""

    MANY = ("line", "chosen", "coded")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, Any] = {}
        self.inside = self.written = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A field, or an option of the select that is open."""
        has = dict(attrs)
        name, value = has.get("name") or "", has.get("value") or ""
        if name in self.MANY:
            self.fields.setdefault(name, []).append(value)
        elif tag in ("textarea", "select"):
            self.inside, self.written = name, name if tag == "textarea" else ""
            self.fields[name] = ""
        elif tag == "option" and "selected" in has:
            self.fields[self.inside] = value
        elif tag == "input" and name and (has.get("type") != "checkbox" or "checked" in has):
            self.fields[name] = "on" if has.get("type") == "checkbox" else value

    def handle_endtag(self, tag: str) -> None:
        """A select or a textarea is over."""
        if tag in ("textarea", "select"):
            self.inside = self.written = ""

    def handle_data(self, data: str) -> None:
        """What is written in a textarea."""
        if self.written:
            self.fields[self.written] = (self.fields[self.written] + data).strip()


def _form_of(page: str) -> dict[str, Any]:
    fields = _Form(page).fields
    return {name: value for name, value in fields.items() if name not in ("csrfmiddlewaretoken", "food")}


def test_the_doctor_amends_on_a_form_that_is_filled(issued: Prescription, doctors_browser: Client) -> None:
    address = reverse("prescription:amend", args=[issued.ref])
    page = doctors_browser.get(address).content.decode()
    sent = _form_of(page)
    assert sent["complaint"] == issued.complaint
    assert len(sent["line"]) == 2

    nothing = doctors_browser.post(address, sent | {"issue": "1", "reason": ""})
    assert nothing.status_code == 422
    assert "Write why, in words for the patient." in _words(nothing)
    removed = doctors_browser.post(reverse("prescription:amend_medicines", args=[issued.ref]), sent | {"remove": "1"})
    left = _form_of(removed.content.decode())["line"]
    assert len(left) == 1

    done = doctors_browser.post(address, sent | {"line": left, "issue": "1", "reason": WHY})
    assert done.status_code == 302, _words(done)
    new = Prescription.objects.get(replaces=issued)
    assert [one.generic for one in new.lines.all()] == ["Paracetamol"]
    assert doctors_browser.get(address).headers["Location"] == reverse("prescription:rx", args=[new.ref])
    assert "Amended" in _words(doctors_browser.get(reverse("prescription:issued")))


def test_the_guidelines_hold_for_an_amendment_too_and_the_form_is_kept(
    issued: Prescription, doctors_browser: Client
) -> None:
    issued.clinical = {"allergies": ["Paracetamol"]}
    issued.save()
    address = reverse("prescription:amend", args=[issued.ref])
    sent = _form_of(doctors_browser.get(address).content.decode())
    refused = doctors_browser.post(address, sent | {"issue": "1", "reason": WHY})
    assert 400 <= refused.status_code < 500
    page = refused.content.decode()
    assert "PARACETAMOL" in _words(refused)
    assert _form_of(page)["reason"] == WHY
    assert len(_form_of(page)["line"]) == 2
    assert not Prescription.objects.filter(replaces=issued).exists()


ASKED = {
    "allergies": ["Dust"],
    "in_use": ["Telma 40"],
    "history": "Asthma",
    "vitals": {"pulse": 96, "weight": 61.5, "systolic": 120, "diastolic": 80},
    "pregnancy": "no",
    "lmp": "2026-11-02",
    "kidney_disease": True,
    "symptoms": ["R05"],
}


def test_what_was_asked_and_measured_stands_in_the_amended_one_too(
    issued: Prescription, doctors_browser: Client, monkeypatch: pytest.MonkeyPatch, ten_o_clock: datetime
) -> None:
    monkeypatch.setattr(correcting, "now", lambda: ten_o_clock)
    issued.clinical = Clinical.of(ASKED).kept
    issued.save()
    address = reverse("prescription:amend", args=[issued.ref])
    sent = _form_of(doctors_browser.get(address).content.decode())
    done = doctors_browser.post(address, sent | {"issue": "1", "reason": WHY})
    assert done.status_code == 302, _words(done)
    amended = Prescription.objects.get(replaces=issued)
    assert amended.clinical == issued.clinical


def test_a_wrong_weight_or_allergy_is_corrected_in_the_amended_one(
    issued: Prescription,
    met: Consultation,
    dr_rao: Doctor,
    doctors_browser: Client,
    monkeypatch: pytest.MonkeyPatch,
    ten_o_clock: datetime,
) -> None:
    monkeypatch.setattr(correcting, "now", lambda: ten_o_clock)
    noting.keep_allergies(met, dr_rao, ("Latex",), now=ten_o_clock)
    issued.clinical = Clinical.of(ASKED).kept
    issued.save()
    address = reverse("prescription:amend", args=[issued.ref])
    sent = _form_of(doctors_browser.get(address).content.decode())
    impossible = doctors_browser.post(address, sent | {"issue": "1", "reason": WHY, "weight": "6150"})
    assert impossible.status_code == 422
    assert "Nobody alive has more than 350." in _words(impossible)
    right = sent | {"issue": "1", "reason": WHY, "weight": "16.5", "allergies": "Sulfa"}
    assert doctors_browser.post(address, right).status_code == 302
    amended = Prescription.objects.get(replaces=issued)
    assert amended.clinical["vitals"]["weight"] == 16.5
    assert amended.clinical["allergies"] == ["Sulfa"]
    # With the patient it is noted, too; nothing that is known is taken back by an old sheet.
    assert noting.allergies_of(issued.patient) == ["Latex", "Sulfa"]
