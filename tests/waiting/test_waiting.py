"""The line, places, the honest wait, and Call Now."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from sehat.clinic.models import Doctor
from sehat.desk import services as desk
from sehat.notices.models import Notice
from sehat.registration.models import Patient
from sehat.tokens import services as tokens
from sehat.waiting import queries, services
from sehat.waiting.errors import NotCalled
from sehat.waiting.models import Promise
from sehat.waiting.rules import CallState, wait_range
from tests.conftest import IssueToken, Served


def test_without_a_doctor_no_wait_is_promised() -> None:
    assert wait_range(5, 0, [300.0] * 20) is None


def test_two_consultations_say_nothing_yet() -> None:
    assert wait_range(5, 1, [300.0, 320.0]) is None


def test_six_ahead_of_two_doctors_at_ten_minutes_each() -> None:
    wait = wait_range(6, 2, [600.0] * 10)
    assert wait is not None
    assert (wait.low, wait.high) == (30, 40)


@given(st.integers(0, 500), st.integers(1, 50), st.lists(st.floats(1, 7200), min_size=3, max_size=30))
def test_the_range_is_a_range_in_steps_of_five(ahead: int, doctors: int, served: list[float]) -> None:
    wait = wait_range(ahead, doctors, served)
    assert wait is not None
    assert 0 <= wait.low <= wait.high
    assert wait.high > 0
    assert wait.low % 5 == wait.high % 5 == 0


@pytest.mark.django_db
def test_the_line_is_ordered_by_turn_key(
    asha: Patient, meera: Patient, mohan: Patient, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    first = issue_token(asha, joined=True)
    old_lady = issue_token(meera, now=ten_o_clock + timedelta(minutes=5), joined=True)
    veteran = issue_token(mohan, now=ten_o_clock + timedelta(minutes=15), joined=True)
    assert list(queries.line(first.opd)) == [old_lady, first, veteran]
    assert [queries.ahead(token) for token in (old_lady, first, veteran)] == [0, 1, 2]


@pytest.mark.django_db
def test_equal_keys_lower_token_first(
    asha: Patient, meera: Patient, mohan: Patient, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    veteran, old_lady = issue_token(mohan, joined=True), issue_token(meera, joined=True)
    assert veteran.turn_key == old_lady.turn_key
    assert list(queries.line(veteran.opd)) == [veteran, old_lady]


@pytest.mark.django_db
def test_a_place_costs_four_queries_whatever_the_line(
    asha: Patient,
    meera: Patient,
    issue_token: IssueToken,
    ten_o_clock: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    issue_token(meera, joined=True)
    token = issue_token(asha, joined=True)
    with django_assert_max_num_queries(3):
        assert queries.standing(token, now=ten_o_clock).place == 2


@pytest.mark.django_db
def test_call_now_without_a_call_is_refused(asha: Patient, issue_token: IssueToken, ten_o_clock: datetime) -> None:
    with pytest.raises(NotCalled):
        services.press_call_now(token=issue_token(asha, joined=True), now=ten_o_clock)


@pytest.mark.django_db
def test_call_now_in_time_rings_and_pressing_again_changes_nothing(
    asha: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    token.refresh_from_db()
    moment = ten_o_clock + timedelta(seconds=119)
    call = services.press_call_now(token=token, now=moment)
    assert call.state == CallState.RINGING
    assert call.deadline == moment + timedelta(seconds=30)
    again = services.press_call_now(token=token, now=moment + timedelta(seconds=5))
    assert (again.pk, again.deadline) == (call.pk, call.deadline)


@pytest.mark.django_db
def test_call_now_after_two_minutes_is_too_late(
    asha: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    token.refresh_from_db()
    with pytest.raises(NotCalled):
        services.press_call_now(token=token, now=ten_o_clock + timedelta(seconds=120))


@pytest.mark.django_db
def test_the_fourth_in_line_is_told_once_when_the_line_moves_up(
    asha: Patient, meera: Patient, mohan: Patient, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    patients = [meera, mohan, asha]
    for index in range(3):
        twin = Patient.objects.get(pk=asha.pk)
        twin.pk, twin.mobile, twin.patient_id = None, f"987650000{index}", f"{index:012d}"
        twin.save()
        patients.append(twin)
    line = [issue_token(patient, joined=True) for patient in patients]
    told = Notice.objects.filter(kind="three_ahead")
    assert not told.exists()
    tokens.cancel(token=line[0], now=ten_o_clock)
    assert [notice.to for notice in told] == ["9876500001"]
    tokens.cancel(token=line[5], now=ten_o_clock)
    assert told.count() == 1


@pytest.mark.django_db
def test_the_wait_that_was_promised_is_held_against_the_wait_that_came(
    asha: Patient,
    meera: Patient,
    dr_rao: Doctor,
    issue_token: IssueToken,
    ten_o_clock: datetime,
    served: Served,
) -> None:
    served(10, 10, 10)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    token = issue_token(meera, joined=True)
    promised = Promise.objects.get(token=token)
    assert (promised.low, promised.high, promised.waited) == (0, 10, None)
    called = ten_o_clock + timedelta(minutes=7)
    desk.match(opd=token.opd_id, now=called)
    desk.sweep(now=called + timedelta(minutes=5))  # missed: the next call is no answer to the promise
    desk.match(opd=token.opd_id, now=called + timedelta(minutes=6))
    promised.refresh_from_db()
    assert promised.waited == 7 * 60


@pytest.mark.django_db
def test_nothing_is_promised_where_the_wait_is_not_known(asha: Patient, issue_token: IssueToken) -> None:
    issue_token(asha, joined=True)
    assert not Promise.objects.exists()
