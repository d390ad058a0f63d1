"""kill -9 after every single statement of putting back, and of issuing a prescription."""

import hashlib
from datetime import datetime, timedelta

import pytest

from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.config.background import sweep_files
from sehat.consultation import queries as consultations
from sehat.consultation import services
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Mode, PutBack
from sehat.desk import services as desk
from sehat.desk.queries import open_call_of
from sehat.kernel.clock import now as clock
from sehat.kernel.files import private
from sehat.notices.models import Notice
from sehat.papers import signing
from sehat.prescription import document, making
from sehat.prescription import services as prescriptions
from sehat.prescription.document import Sheet
from sehat.prescription.models import Prescription
from sehat.prescription.writing import Written
from sehat.registration.models import Patient
from sehat.tokens.models import TokenMove
from sehat.tokens.rules import State, Why
from sehat.waiting import services as waiting
from tests.conftest import IssueToken
from tests.faults.dying import every_death, quiet_fork
from tests.faults.promises import broken
from tests.prescription.conftest import written

pytestmark = [pytest.mark.django_db(transaction=True), quiet_fork]

__all__ = ["written"]


def meet(doctor: Doctor, now: datetime) -> Consultation:
    """Whoever heads the line comes to the doctor."""
    desk.go_available(doctor=Doctor.objects.get(pk=doctor.pk), now=now)
    desk.sweep(now=now)
    call = open_call_of(doctor)
    assert call is not None
    waiting.press_call_now(token=call.token, now=now)
    call.refresh_from_db()
    return services.answer(call=call, now=now)


def at_desk(doctor: Doctor) -> Consultation:
    """The consultation at the doctor's desk."""
    consultation = consultations.open_of_doctor(doctor)
    assert consultation is not None
    return consultation


def test_a_patient_is_put_back_with_the_place_and_the_doctor_freed_or_neither(
    asha: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    meet(dr_rao, ten_o_clock)

    def look() -> None:
        assert not broken()
        token.refresh_from_db()
        assert token.turn_key == ten_o_clock
        if consultations.open_of_doctor(dr_rao) is None:
            meet(dr_rao, ten_o_clock)

    def put_back() -> None:
        services.put_back(consultation=at_desk(dr_rao), reason=PutBack.LINE, now=ten_o_clock)

    assert every_death(put_back, look) > 8
    assert not broken()


def pdfs_on_disk() -> list[str]:
    """Every prescription of the private storage, by its path."""

    def walk(folder: str) -> list[str]:
        folders, files = private().listdir(folder)
        return [f"{folder}/{name}" for name in files] + [
            name for inner in folders for name in walk(f"{folder}/{inner}")
        ]

    return sorted(walk("prescriptions")) if private().exists("prescriptions") else []


def test_a_prescription_is_issued_whole_or_not_at_all(
    asha: Patient,
    dr_rao: Doctor,
    issue_token: IssueToken,
    written: Written,
    ten_o_clock: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = issue_token(asha, joined=True)
    now = clock()
    consultation = meet(dr_rao, ten_o_clock)
    signing.warm_up()
    # The printer has threads of its own, which a fork does not take along: a child that prints would wait for ever.
    # So the sheet is printed here, by the real printer, and the children sign and store it.
    printed: list[bytes] = []
    with monkeypatch.context() as patch:
        printer = document.make

        def make(sheet: Sheet) -> bytes:
            printed.append(printer(sheet))
            return printed[0]

        patch.setattr(document, "make", make)
        making.make(consultation=consultation, written=written, mode=Mode.VIDEO, now=now)
    monkeypatch.setattr(document, "make", lambda sheet: printed[0])
    for name in pdfs_on_disk():
        private().delete(name)

    def issue() -> None:
        prescriptions.issue(consultation=at_desk(dr_rao), doctor=dr_rao, written=written, now=now)

    def look() -> None:
        token.refresh_from_db()
        consultation.refresh_from_db()
        told = Notice.objects.filter(kind="prescription_ready", channel="sms").count()
        used_up = TokenMove.objects.filter(why=Why.PRESCRIBED).count()
        issued = Prescription.objects.first()
        if issued is None:
            assert (token.state, consultation.outcome, told, used_up) == (State.CONSULTING, "open", 0, 0)
        else:
            assert (token.state, consultation.outcome, told, used_up) == (State.COMPLETED, "completed", 1, 1)
            with issued.file.open() as pdf:
                assert hashlib.sha256(pdf.read()).hexdigest() == issued.sha256
            assert issued.lines.count() == len(written.lines)
        assert not broken()

    assert every_death(issue, look) > 10
    look()
    issued = Prescription.objects.get()
    dr_rao.refresh_from_db()
    assert dr_rao.state == DoctorState.CONSULTING, "the call may go on"
    assert len(pdfs_on_disk()) > 1, "the dead leave files"
    sweep_files(now=now + timedelta(hours=2))
    assert pdfs_on_disk() == [issued.file.name]
