"""The token desk: issue, join, cancel, expire."""

import re
import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from sehat.clinic.models import Opd
from sehat.notices.models import Notice
from sehat.registration.models import Patient
from sehat.tokens import queries, services
from sehat.tokens.errors import CannotCancel, OneOpenToken, OpdFull, ReferralNeeded, TokenMovedOn
from sehat.tokens.models import Token, TokenMove
from sehat.tokens.rules import By, State, Why
from tests.conftest import IssueToken

pytestmark = pytest.mark.django_db


def test_a_token_shows_the_opd_and_a_number_and_a_secret(asha: Patient, issue_token: IssueToken) -> None:
    token = issue_token(asha)
    assert re.fullmatch(r"G001-\d{4}", token.code)
    assert token.state == State.ISSUED


def test_numbers_run_on_without_gaps(asha: Patient, meera: Patient, issue_token: IssueToken) -> None:
    first = issue_token(asha)
    with pytest.raises(OneOpenToken):
        issue_token(asha)
    assert (first.number, issue_token(meera).number) == (1, 2)


def test_numbers_begin_anew_each_day(asha: Patient, issue_token: IssueToken, ten_o_clock: datetime) -> None:
    services.cancel(token=issue_token(asha), now=ten_o_clock)
    assert issue_token(asha, now=ten_o_clock + timedelta(days=1)).number == 1


def test_a_second_open_token_is_refused_with_the_number_of_the_first(asha: Patient, issue_token: IssueToken) -> None:
    token = issue_token(asha)
    with pytest.raises(OneOpenToken) as refusal:
        issue_token(asha)
    assert token.code in str(refusal.value)


def test_a_specialist_opd_takes_no_walk_in(asha: Patient, medicine: Opd, ten_o_clock: datetime) -> None:
    with pytest.raises(ReferralNeeded):
        services.issue(patient=asha, opd=medicine, complaint="Cough", duration="", records=[], now=ten_o_clock)


def test_a_full_opd_gives_no_more_and_leaves_no_gap(
    asha: Patient, meera: Patient, opd: Opd, issue_token: IssueToken
) -> None:
    opd.daily_cap = 1
    opd.save()
    issue_token(asha)
    with pytest.raises(OpdFull):
        issue_token(meera)
    opd.daily_cap = None
    opd.save()
    assert issue_token(meera).number == 2


def test_patient_id_and_token_are_sent(asha: Patient, issue_token: IssueToken) -> None:
    token = issue_token(asha)
    notice = Notice.objects.filter(kind="token_issued", channel="sms").get()
    assert token.code in notice.text
    assert asha.grouped_id in notice.text


def test_every_move_is_written_down(asha: Patient, issue_token: IssueToken, ten_o_clock: datetime) -> None:
    token = issue_token(asha, joined=True)
    services.cancel(token=token, now=ten_o_clock)
    assert list(token.moves.order_by("id").values_list("frm", "to", "why")) == [
        ("", "issued", "issued"),
        ("issued", "waiting", "joined"),
        ("waiting", "cancelled", "cancelled"),
    ]


def test_joining_twice_keeps_the_place(asha: Patient, issue_token: IssueToken, ten_o_clock: datetime) -> None:
    token = issue_token(asha, joined=True)
    services.join(token=token, now=ten_o_clock + timedelta(hours=1))
    token.refresh_from_db()
    assert token.turn_key == ten_o_clock


def test_an_old_lady_stands_ten_minutes_earlier(meera: Patient, issue_token: IssueToken, ten_o_clock: datetime) -> None:
    assert issue_token(meera, joined=True).turn_key == ten_o_clock - timedelta(minutes=10)


def test_a_token_with_the_doctor_cannot_be_cancelled(
    asha: Patient, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    for state in (State.CALLED, State.CONSULTING):
        services.move(token, state, why=Why.DOCTOR_FREE, by=By.PORTAL, now=ten_o_clock)
    with pytest.raises(CannotCancel):
        services.cancel(token=token, now=ten_o_clock)


def test_who_looked_at_an_old_state_moves_nothing(
    asha: Patient, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    stale = Token.objects.get(pk=token.pk)
    services.cancel(token=token, now=ten_o_clock)
    moves = TokenMove.objects.count()
    with pytest.raises(TokenMovedOn):
        services.move(stale, State.CALLED, why=Why.DOCTOR_FREE, by=By.PORTAL, now=ten_o_clock)
    assert TokenMove.objects.count() == moves


def test_an_unused_token_expires_at_the_end_of_its_day(
    asha: Patient, meera: Patient, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    issue_token(asha)
    waiting = issue_token(meera, joined=True)
    assert services.expire_due(now=waiting.expires_at - timedelta(seconds=1)) == 0
    assert services.expire_due(now=waiting.expires_at) == 2
    assert set(Token.objects.values_list("state", flat=True)) == {State.EXPIRED}
    assert Notice.objects.filter(kind="token_expired").exists()
    assert services.expire_due(now=waiting.expires_at) == 0


def test_a_called_token_does_not_expire_under_the_patient(
    asha: Patient, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    services.move(token, State.CALLED, why=Why.DOCTOR_FREE, by=By.PORTAL, now=ten_o_clock)
    assert services.expire_due(now=token.expires_at) == 0


def test_after_the_end_a_new_token_may_be_taken(asha: Patient, issue_token: IssueToken, ten_o_clock: datetime) -> None:
    first = issue_token(asha)
    services.cancel(token=first, now=ten_o_clock)
    assert queries.open_token_of(asha) is None
    assert issue_token(asha).number == 2


@pytest.mark.django_db(transaction=True)
def test_sixteen_windows_pressing_at_once_get_one_token(asha: Patient, opd: Opd, ten_o_clock: datetime) -> None:
    """The constraint keeps the promise, whoever looks first."""
    start, refused, issued = threading.Barrier(16), [], []

    def press() -> None:
        start.wait()
        try:
            token = services.issue(patient=asha, opd=opd, complaint="Fever", duration="", records=[], now=ten_o_clock)
            issued.append(token.number)
        except OneOpenToken as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (issued, len(refused)) == ([1], 15)
