"""The lock-out: five wrong tries of a mobile, five wrong mobiles of an address, a quarter of an hour."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from sehat.accounts import throttle
from sehat.accounts.errors import LockedOut
from sehat.accounts.models import Throttle
from sehat.kernel.clock import now as clock

GRANDFATHER = "9876543299"
QUARTER = timedelta(minutes=15)


@pytest.mark.django_db
def test_five_wrong_tries_lock_the_mobile_for_a_quarter(ten_o_clock: datetime) -> None:
    tries = [throttle.spend(throttle.WRONG_TOKENS, GRANDFATHER, now=ten_o_clock) for _ in range(5)]
    assert tries == [1, 2, 3, 4, 5]
    with pytest.raises(LockedOut) as refused:
        throttle.spend(throttle.WRONG_TOKENS, GRANDFATHER, now=ten_o_clock + timedelta(minutes=1))
    assert refused.value.values == {"minutes": 14}
    assert throttle.spend(throttle.WRONG_TOKENS, GRANDFATHER, now=ten_o_clock + QUARTER) == 1


@pytest.mark.django_db
def test_a_right_try_forgives_the_wrong_ones(ten_o_clock: datetime) -> None:
    for _ in range(4):
        throttle.spend(throttle.WRONG_TOKENS, GRANDFATHER, now=ten_o_clock)
    throttle.forgive(throttle.WRONG_TOKENS, GRANDFATHER)
    assert throttle.spend(throttle.WRONG_TOKENS, GRANDFATHER, now=ten_o_clock) == 1


@pytest.mark.django_db
def test_slow_fumbling_is_forgotten(ten_o_clock: datetime) -> None:
    for hour in range(10):
        assert throttle.spend(throttle.WRONG_TOKENS, GRANDFATHER, now=ten_o_clock + hour * timedelta(hours=1)) == 1


@pytest.mark.django_db
def test_one_who_fumbles_does_not_lock_the_cantonment(ten_o_clock: datetime) -> None:
    for _ in range(5):
        throttle.note_wrong_mobile("203.0.113.7", GRANDFATHER, now=ten_o_clock)
    throttle.check(throttle.WRONG_MOBILES, "203.0.113.7", now=ten_o_clock)


@pytest.mark.django_db
def test_the_fifth_wrong_mobile_locks_the_address_for_a_quarter(ten_o_clock: datetime) -> None:
    for number in range(5):
        throttle.check(throttle.WRONG_MOBILES, "203.0.113.7", now=ten_o_clock)
        throttle.note_wrong_mobile("203.0.113.7", f"987654320{number}", now=ten_o_clock)
    with pytest.raises(LockedOut):
        throttle.check(throttle.WRONG_MOBILES, "203.0.113.7", now=ten_o_clock)
    throttle.check(throttle.WRONG_MOBILES, "203.0.113.8", now=ten_o_clock)
    throttle.check(throttle.WRONG_MOBILES, "203.0.113.7", now=ten_o_clock + QUARTER)


@pytest.mark.django_db
def test_the_table_holds_no_mobile(ten_o_clock: datetime) -> None:
    throttle.spend(throttle.WRONG_TOKENS, GRANDFATHER, now=ten_o_clock)
    assert GRANDFATHER not in Throttle.objects.get().key


@pytest.mark.django_db
def test_old_rows_are_swept_away(ten_o_clock: datetime) -> None:
    throttle.spend(throttle.WRONG_TOKENS, GRANDFATHER, now=ten_o_clock)
    assert throttle.forget_old(now=ten_o_clock + timedelta(hours=1)) == 0
    assert throttle.forget_old(now=ten_o_clock + timedelta(days=2)) == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_get_five_tries() -> None:
    now = clock()

    def guess(_number: int) -> bool:
        try:
            throttle.spend(throttle.WRONG_TOKENS, GRANDFATHER, now=now)
        except LockedOut:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(guess, range(20))) == 5


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_an_ipv6_household_is_one_address(remote: str, address: str) -> None:
    assert throttle.address_of(RequestFactory().get("/", REMOTE_ADDR=remote)) == address


class LockOut(TestCase):
    """Whatever the rhythm, nobody gets a sixth try within the window."""

    @settings(max_examples=40)
    @given(st.lists(st.integers(0, 600), max_size=25))
    def test_never_six_tries_in_a_quarter(self, pauses: list[int]) -> None:
        Throttle.objects.all().delete()
        moment, taken = clock(), []
        for pause in pauses:
            moment += timedelta(seconds=pause)
            try:
                throttle.spend(throttle.WRONG_TOKENS, GRANDFATHER, now=moment)
            except LockedOut:
                continue
            taken.append(moment)
        for _first, sixth in _sixths(taken):
            assert sixth - _first >= QUARTER


def _sixths(moments: list[datetime]) -> Iterator[tuple[datetime, datetime]]:
    return zip(moments, moments[5:], strict=False)
