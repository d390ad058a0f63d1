"""States, turn keys and numbers."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sehat.tokens.rules import MOVES, Credits, State, code_of, credit_minutes, read_code, turn_key

CREDITS = Credits(emergency=1440, referral=20, ex_serviceman=10, vulnerable=10, cap=60)
TEN = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


def test_nothing_leaves_an_end_state() -> None:
    for end in (State.COMPLETED, State.CANCELLED, State.EXPIRED):
        assert not MOVES[end]


def test_the_token_is_used_up_only_out_of_a_consultation() -> None:
    assert [frm for frm, onward in MOVES.items() if State.COMPLETED in onward] == [State.CONSULTING]


def test_a_consultation_is_neither_cancelled_nor_expired() -> None:
    assert MOVES[State.CONSULTING] == {State.COMPLETED, State.WAITING}


def test_a_serving_soldier_of_thirty_has_no_credit() -> None:
    assert credit_minutes(CREDITS, age=30, ex_serviceman=False, special_need=False) == 0


def test_an_ex_serviceman_of_seventy_has_both_credits() -> None:
    assert credit_minutes(CREDITS, age=70, ex_serviceman=True, special_need=False) == 20


def test_age_and_disability_are_one_credit() -> None:
    assert credit_minutes(CREDITS, age=80, ex_serviceman=False, special_need=True) == 10


def test_an_emergency_is_above_the_cap() -> None:
    assert credit_minutes(CREDITS, age=30, ex_serviceman=True, special_need=True, emergency=True) == 1440


@given(st.integers(0, 120), st.booleans(), st.booleans(), st.booleans())
def test_below_emergency_no_credit_is_above_sixty(age: int, ex: bool, need: bool, referred: bool) -> None:
    credit = credit_minutes(CREDITS, age=age, ex_serviceman=ex, special_need=need, referred=referred)
    assert 0 <= credit <= CREDITS.cap


@given(st.integers(0, 60), st.integers(0, 60), st.integers(61, 10_000))
def test_a_finite_credit_starves_nobody(mine: int, theirs: int, minutes_later: int) -> None:
    assert turn_key(TEN, mine) < turn_key(TEN + timedelta(minutes=minutes_later), theirs)


@given(st.sampled_from(["G", "MED", "PAE"]), st.integers(1, 99_999), st.integers(0, 9999))
def test_a_number_is_read_back_however_it_is_typed(opd: str, number: int, secret: int) -> None:
    code = code_of(opd, number, f"{secret:04d}")
    for typed in (code, code.lower(), code.replace("-", ""), f" {code} ", code.replace("-", " – ")):
        assert read_code(typed) == code


def test_what_is_no_token_number_is_none() -> None:
    for typed in ("", "8317", "G-8317", "G042-831", "42-8317", "G042-8317x", "G000-1234", "G042-८३१७"):
        assert read_code(typed) is None
