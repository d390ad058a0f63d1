"""How long a sick leave may be, and when it may begin."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sehat.letters.rules import DAYS_AHEAD, DAYS_BACK, leave_days, leave_problem

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        (TODAY, TODAY, None),
        (TODAY, date(2026, 11, 29), None),
        (TODAY, date(2026, 11, 30), "long"),
        (date(2026, 11, 21), TODAY, None),
        (date(2026, 11, 20), TODAY, "early"),
        (date(2026, 11, 21), date(2026, 11, 22), "past"),
        (date(2026, 11, 26), date(2026, 11, 26), None),
        (date(2026, 11, 27), date(2026, 11, 28), "late"),
        (TODAY, date(2026, 11, 22), "backwards"),
    ],
)
def test_a_leave_is_short_and_near(first: date, last: date, problem: str | None) -> None:
    assert leave_problem(first, last, today=TODAY, most=7) == problem


@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(1, 30)
)
def test_no_other_leave_is_ever_let_through(first: date, last: date, most: int) -> None:
    if leave_problem(first, last, today=TODAY, most=most) is None:
        assert 1 <= leave_days(first, last) <= most
        assert TODAY - timedelta(days=DAYS_BACK) <= first <= TODAY + timedelta(days=DAYS_AHEAD)
        assert last >= TODAY
