"""kill -9 after every single statement of what happens in the line: press, miss, cancel, expire, tell."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from pytest_django.fixtures import Settings

from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.desk import services as desk
from sehat.kernel.clock import now as clock
from sehat.notices import services as notices
from sehat.notices.models import Notice
from sehat.notices.rules import LEASE, Recipient
from sehat.notices.rules import State as Sending
from sehat.registration.models import Patient
from sehat.tokens import services as tokens
from sehat.tokens.models import Token, TokenMove
from sehat.tokens.queries import open_token_of
from sehat.tokens.rules import State, Why
from sehat.waiting import services as waiting
from sehat.waiting.models import Call
from sehat.waiting.rules import CallState
from tests.conftest import IssueToken
from tests.faults.dying import MOST_STATEMENTS, dies_after, every_death, quiet_fork
from tests.faults.gateway import Gateway
from tests.faults.promises import broken

pytestmark = [pytest.mark.django_db(transaction=True), quiet_fork]

LATER = timedelta(minutes=10)


def token_of(patient: Patient) -> Token:
    """The patient's open token, as it stands in the database."""
    token = open_token_of(patient)
    assert token is not None
    return token


def test_call_now_is_pressed_or_not(
    asha: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)

    def look() -> None:
        call = Call.objects.get()
        assert (call.state == CallState.RINGING) == (call.pressed_at is not None)
        assert not broken()

    every_death(lambda: waiting.press_call_now(token=token_of(asha), now=ten_o_clock), look)
    assert Call.objects.get().state == CallState.RINGING


def test_a_missed_call_is_missed_once_whoever_sweeps(
    asha: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    """The dead sweeper may have ended the call, or not; the next one does exactly what is left."""
    issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    moment, rounds = ten_o_clock + LATER, 0

    def look() -> None:
        nonlocal moment, rounds
        assert not broken()
        desk.sweep(now=moment)
        rounds += 1
        assert TokenMove.objects.filter(why=Why.MISSED).count() == rounds
        assert token_of(asha).state == State.CALLED, "the free doctor calls again"
        moment += LATER

    assert every_death(lambda: desk.sweep(now=moment), look) > 10
    assert not broken()


def test_cancelling_out_of_a_call_frees_the_doctor_too(
    asha: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    def be_called() -> None:
        issue_token(asha, joined=True)
        desk.go_available(doctor=dr_rao, now=ten_o_clock)
        assert token_of(asha).state == State.CALLED

    def look() -> None:
        assert not broken()
        if open_token_of(asha) is None:
            dr_rao.refresh_from_db()
            assert dr_rao.state == DoctorState.AVAILABLE
            be_called()

    be_called()
    assert every_death(lambda: tokens.cancel(token=token_of(asha), now=ten_o_clock), look) > 5
    assert open_token_of(asha) is None
    assert not broken()


def test_a_token_expires_with_its_notice_or_not_yet(
    asha: Patient, meera: Patient, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    evening = ten_o_clock + timedelta(days=1)
    people = [asha, meera]

    def take_tokens() -> None:
        for patient in people:
            if open_token_of(patient) is None:
                issue_token(patient, joined=True)

    def look() -> None:
        assert not broken()
        take_tokens()

    take_tokens()
    assert every_death(lambda: tokens.expire_due(now=evening), look) > 8
    assert not any(map(open_token_of, people))
    assert not broken()


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    """An SMS gateway of our own."""
    with Gateway() as gateway:
        settings.SMS_URL = gateway.url
        yield gateway


def test_a_notice_is_sent_at_least_once_and_marked(gateway: Gateway) -> None:
    """Every worker here is a process of its own: Apprise's threads would not live on in a fork."""
    now = clock()

    def work(moment: datetime) -> None:
        assert not dies_after(MOST_STATEMENTS, lambda: notices.deliver_due(now=moment))

    def look() -> None:
        notice = Notice.objects.get()
        arrived = len(gateway.taken)
        if notice.state == Sending.SENDING:
            work(now)
            assert len(gateway.taken) == arrived, "another worker leaves it to the one that may still live"
        work(now + LEASE)
        assert 1 <= len(gateway.taken) <= 2
        assert Notice.objects.get().state == Sending.SENT
        write()

    def write() -> None:
        gateway.taken.clear()
        Notice.objects.all().delete()
        notices.write("token_cancelled", to=Recipient("9876543211"), token="G001-1234")
        Notice.objects.update(next_try_at=now)

    write()
    assert every_death(lambda: notices.deliver_due(now=now), look) >= 3
    assert Notice.objects.get().state == Sending.SENT
    assert len(gateway.taken) == 1


def test_a_slow_gateway_does_not_outlast_the_leases(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker has not taken in hand in time is left to the next round, with leases of its own."""
    now = clock()
    for number in range(3):
        notices.write("token_cancelled", to=Recipient("9876543211"), token=f"G{number:03d}-1234")
    Notice.objects.update(next_try_at=now)
    monkeypatch.setattr(notices, "ROUND", timedelta(0))
    for taken in (1, 2, 3):
        assert not dies_after(MOST_STATEMENTS, lambda: notices.deliver_due(now=now))
        assert len(gateway.taken) == taken
