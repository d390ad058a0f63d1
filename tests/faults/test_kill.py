"""kill -9 after every single statement: no token is lost, doubled or stuck, and files and rows agree."""

from datetime import datetime, timedelta

import pytest

from sehat.audit.models import Entry
from sehat.clinic.models import Doctor, Opd
from sehat.clinic.rules import DoctorState
from sehat.config.background import sweep_files
from sehat.consultation import services as consultations
from sehat.consultation.models import Consultation
from sehat.desk import services as desk
from sehat.desk.queries import open_call_of
from sehat.kernel.clock import india_day
from sehat.kernel.clock import now as clock
from sehat.kernel.files import private
from sehat.notices.models import Notice
from sehat.registration.models import Patient
from sehat.tokens import services as tokens
from sehat.tokens.models import HealthRecord, Token, TokenMove
from sehat.tokens.records import take
from sehat.tokens.rules import By, State
from sehat.waiting import services as waiting
from sehat.waiting.models import Call
from tests.conftest import IssueToken
from tests.faults.dying import every_death, quiet_fork
from tests.tokens.files import pdf, upload

pytestmark = [pytest.mark.django_db(transaction=True), quiet_fork]


def records_on_disk() -> list[str]:
    """Every file of the records' folder, by its reference."""

    def walk(folder: str) -> list[str]:
        folders, files = private().listdir(folder)
        return files + [name for inner in folders for name in walk(f"{folder}/{inner}")]

    return walk("records") if private().exists("records") else []


def test_a_token_is_issued_whole_or_not_at_all(asha: Patient, opd: Opd) -> None:
    now = clock()
    others = set(records_on_disk())  # of tests before, on days that no sweep of today looks at

    def issue() -> None:
        with tokens.stored([take(upload(pdf()))], day=india_day(now), by=By.PATIENT) as records:
            tokens.issue(patient=asha, opd=opd, complaint="Fever", duration="", records=records, now=now)

    def look() -> None:
        issued = list(Token.objects.all())
        for token in issued:
            assert token.number == 1
            assert TokenMove.objects.filter(token=token).count() == 1
            assert HealthRecord.objects.filter(token=token).count() == 1
            assert Notice.objects.filter(kind="token_issued").exists()
            assert Entry.objects.filter(action="token.issue").count() == 1
        if issued:
            tokens.cancel(token=issued[0], now=now)
            Token.objects.all().update(number=0)
        else:
            assert not TokenMove.objects.exists()
            assert not HealthRecord.objects.exists()
            assert not Notice.objects.exists()

    deaths = every_death(issue, look)
    assert deaths > 6
    assert Token.objects.filter(state=State.ISSUED).count() == 1
    # What the dead left on the disk is swept up once no transaction can still be open; what has a row stays.
    assert len(set(records_on_disk()) - others) > HealthRecord.objects.count()
    sweep_files(now=now + timedelta(hours=2))
    assert sorted(set(records_on_disk()) - others) == sorted(HealthRecord.objects.values_list("ref", flat=True))


def test_a_call_is_made_whole_or_not_at_all(
    asha: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)

    def available() -> None:
        desk.go_available(doctor=Doctor.objects.get(pk=dr_rao.pk), now=ten_o_clock)

    def look() -> None:
        token.refresh_from_db()
        dr_rao.refresh_from_db()
        standing = Call.objects.filter(state="summoned").count()
        assert (token.state, dr_rao.state, standing) in {
            (State.WAITING, DoctorState.OFFLINE, 0),
            (State.WAITING, DoctorState.AVAILABLE, 0),
            (State.CALLED, DoctorState.CALLING, 1),
        }
        desk.sweep(now=ten_o_clock)
        dr_rao.refresh_from_db()
        assert dr_rao.state != DoctorState.AVAILABLE, "the sweep makes the call that the dead process owed"
        if dr_rao.state == DoctorState.CALLING:
            desk.end_shift(doctor=dr_rao, now=ten_o_clock)
        token.refresh_from_db()
        assert (token.state, token.turn_key) == (State.WAITING, ten_o_clock)

    every_death(available, look)
    token.refresh_from_db()
    assert token.state == State.CALLED


def test_an_answer_opens_a_consultation_whole_or_not_at_all(
    asha: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    token.refresh_from_db()
    waiting.press_call_now(token=token, now=ten_o_clock)

    def answer() -> None:
        call = open_call_of(dr_rao)
        assert call is not None
        consultations.answer(call=call, now=ten_o_clock)

    def look() -> None:
        token.refresh_from_db()
        dr_rao.refresh_from_db()
        assert (token.state, dr_rao.state) == (State.CALLED, DoctorState.CALLING)
        assert not Consultation.objects.exists()

    every_death(answer, look)
    assert Consultation.objects.get().ended_at is None
