"""Issuing: once, whole, by the right doctor."""

import threading
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.storage import Storage, storages
from django.db import connection

from sehat.audit.models import Entry
from sehat.clinic.models import Doctor
from sehat.consultation import services as consultation_services
from sehat.consultation.errors import ConsultationOver
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Outcome, PutBack
from sehat.notices.models import Notice
from sehat.papers import printing
from sehat.prescription import services
from sehat.prescription.errors import NotYourConsultation, OpenElsewhere
from sehat.prescription.models import Draft, Prescription
from sehat.prescription.writing import Written
from sehat.registration.models import Patient
from sehat.tokens.rules import State
from tests.consultation.conftest import Meet
from tests.papers.reading import signature_of, text_of


def test_issuing_keeps_signs_completes_and_tells(issued: Prescription, met: Consultation, tmp_path: Path) -> None:
    with issued.file.open("rb") as file:
        pdf = file.read()
    assert sha256(pdf).hexdigest() == issued.sha256
    assert len(pdf) == issued.size
    assert "Signature is Valid" in signature_of(pdf, tmp_path)
    text = text_of(pdf, tmp_path)
    assert issued.number in text
    assert "Asha Verma" in text

    met.refresh_from_db()
    met.token.refresh_from_db()
    assert met.outcome == Outcome.COMPLETED
    assert met.token.state == State.COMPLETED
    assert [(line.generic, line.frequency, line.quantity) for line in issued.lines.all()] == [
        ("Paracetamol", "1-1-1", 15),
        ("Cetirizine", "0-0-0-1", 5),
    ]
    notice = Notice.objects.get(kind="prescription_ready", channel="sms")
    assert f"/rx/{issued.ref}/" in notice.text
    assert "Fever" not in notice.text
    entry = Entry.objects.get(action="prescription.issue")
    assert entry.details == {"number": issued.number, "lines": 2, "sha256": issued.sha256}


def test_the_file_lies_where_only_the_portal_reads(issued: Prescription) -> None:
    path = Path(storages["private"].path(str(issued.file.name)))
    assert path.stat().st_mode & 0o777 == 0o600
    assert str(issued.patient.mobile) not in str(path)


def test_a_second_press_gives_the_same_prescription(
    issued: Prescription, met: Consultation, dr_rao: Doctor, written: Written, ten_o_clock: datetime
) -> None:
    again = services.issue(consultation=met, doctor=dr_rao, written=replace(written, complaint="Else"), now=ten_o_clock)
    assert again == issued
    assert Prescription.objects.count() == 1
    assert Notice.objects.filter(kind="prescription_ready", channel="sms").count() == 1


def _files_of(day: datetime) -> list[str]:
    folder = f"prescriptions/{day:%Y/%m/%d}"
    return storages["private"].listdir(folder)[1] if storages["private"].exists(folder) else []


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_issue_one(
    met: Consultation, dr_rao: Doctor, written: Written, ten_o_clock: datetime
) -> None:
    found: list[int] = []
    gate = threading.Barrier(3)
    before = len(_files_of(ten_o_clock))

    def press() -> None:
        try:
            mine = Consultation.objects.select_related("token__patient", "token__opd", "doctor__staff").get(pk=met.pk)
            gate.wait()
            found.append(services.issue(consultation=mine, doctor=dr_rao, written=written, now=ten_o_clock).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len(set(found)) == 1
    assert Prescription.objects.count() == 1
    assert len(_files_of(ten_o_clock)) == before + 1


def test_another_doctor_cannot_issue(
    met: Consultation, dr_iyer: Doctor, written: Written, ten_o_clock: datetime
) -> None:
    with pytest.raises(NotYourConsultation):
        services.issue(consultation=met, doctor=dr_iyer, written=written, now=ten_o_clock)
    assert not Prescription.objects.exists()


def test_a_patient_who_was_put_back_gets_none(
    met: Consultation, dr_rao: Doctor, written: Written, ten_o_clock: datetime
) -> None:
    consultation_services.put_back(consultation=met, reason=PutBack.LINE, now=ten_o_clock)
    with pytest.raises(ConsultationOver):
        services.issue(consultation=met, doctor=dr_rao, written=written, now=ten_o_clock)
    assert not Prescription.objects.exists()
    assert not Notice.objects.filter(kind="prescription_ready").exists()


def test_a_failure_while_storing_leaves_nothing_behind(
    met: Consultation,
    dr_rao: Doctor,
    written: Written,
    ten_o_clock: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the outbox is full")

    deleted: list[str] = []
    storage = type(storages["private"])
    delete = storage.delete

    def note(self: Storage, name: str) -> None:
        deleted.append(name)
        delete(self, name)

    monkeypatch.setattr(storage, "delete", note)
    monkeypatch.setattr(services.notices, "write", fails)
    with pytest.raises(RuntimeError):
        services.issue(consultation=met, doctor=dr_rao, written=written, now=ten_o_clock)
    met.token.refresh_from_db()
    assert met.token.state == State.CONSULTING
    assert not Prescription.objects.exists()
    assert len(deleted) == 1
    assert not storages["private"].exists(deleted[0])


def test_a_failure_of_the_printer_changes_nothing(
    met: Consultation, dr_rao: Doctor, written: Written, ten_o_clock: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "_qr", lambda text: "no picture")
    with pytest.raises(RuntimeError):  # typst's own error is one
        services.issue(consultation=met, doctor=dr_rao, written=written, now=ten_o_clock)
    met.refresh_from_db()
    assert met.outcome == Outcome.OPEN


def test_an_older_window_is_told_and_can_take_over(
    met: Consultation, dr_rao: Doctor, written: Written, ten_o_clock: datetime
) -> None:
    assert services.open_draft(consultation=met, window="older", seen=0, now=ten_o_clock)
    services.save_draft(consultation=met, window="older", version=1, body={"advice": ["Rest"]}, now=ten_o_clock)
    assert services.open_draft(consultation=met, window="newer", seen=1, now=ten_o_clock)
    with pytest.raises(OpenElsewhere):
        services.save_draft(consultation=met, window="older", version=2, body={}, now=ten_o_clock)
    with pytest.raises(OpenElsewhere):
        services.issue(consultation=met, doctor=dr_rao, written=written, now=ten_o_clock, window="older")
    assert Draft.objects.get().body == {"advice": ["Rest"]}

    version = services.take_over_draft(consultation=met, window="older", body={"advice": ["Walk"]}, now=ten_o_clock)
    assert version == 2
    assert Draft.objects.get().body == {"advice": ["Walk"]}
    services.issue(consultation=met, doctor=dr_rao, written=written, now=ten_o_clock, window="older")
    assert not Draft.objects.exists()


def test_a_window_that_shows_an_old_draft_has_to_look_again(met: Consultation, ten_o_clock: datetime) -> None:
    services.open_draft(consultation=met, window="one", seen=0, now=ten_o_clock)
    services.save_draft(consultation=met, window="one", version=1, body={}, now=ten_o_clock)
    assert not services.open_draft(consultation=met, window="two", seen=0, now=ten_o_clock)


def test_a_save_that_was_overtaken_on_its_way_is_dropped(met: Consultation, ten_o_clock: datetime) -> None:
    services.open_draft(consultation=met, window="one", seen=0, now=ten_o_clock)
    services.save_draft(consultation=met, window="one", version=2, body={"advice": ["new"]}, now=ten_o_clock)
    services.save_draft(consultation=met, window="one", version=1, body={"advice": ["old"]}, now=ten_o_clock)
    assert Draft.objects.get().body == {"advice": ["new"]}


def test_each_consultation_has_its_own_number(
    meet: Meet, asha: Patient, meera: Patient, dr_rao: Doctor, dr_iyer: Doctor, written: Written, ten_o_clock: datetime
) -> None:
    first = services.issue(consultation=meet(asha, dr_rao), doctor=dr_rao, written=written, now=ten_o_clock)
    second = services.issue(consultation=meet(meera, dr_iyer), doctor=dr_iyer, written=written, now=ten_o_clock)
    assert first.number != second.number
    assert first.ref != second.ref
