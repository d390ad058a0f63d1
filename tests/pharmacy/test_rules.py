"""The way of the medicines as one table; what stands for what; until when; how much."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sehat.pharmacy import rules
from sehat.pharmacy.rules import (
    END_STATES,
    MOVES,
    OPEN_STATES,
    Exchange,
    Progress,
    State,
    Way,
    exchange,
    last_day,
    may_move,
)
from sehat.prescription.amounts import of_strength
from sehat.prescription.course import Step
from sehat.prescription.dosage import clean_dose, dose_units, parse_frequency
from sehat.prescription.formulary import Medicine, formulary


def test_a_collected_supply_is_received_prepared_ready_handed_over() -> None:
    way = [State.RECEIVED, State.PREPARING, State.READY, State.HANDED_OVER]
    assert all(may_move(Way.COLLECT, frm, to) for frm, to in pairwise(way))
    assert not may_move(Way.COLLECT, State.PREPARING, State.SENT)
    assert not may_move(Way.COLLECT, State.RECEIVED, State.READY)


def test_a_parcel_is_received_prepared_sent_delivered() -> None:
    way = [State.RECEIVED, State.PREPARING, State.SENT, State.DELIVERED]
    assert all(may_move(Way.HOME, frm, to) for frm, to in pairwise(way))
    assert not may_move(Way.HOME, State.PREPARING, State.READY)
    assert not may_move(Way.HOME, State.PREPARING, State.HANDED_OVER)


@pytest.mark.parametrize("way", Way)
def test_nothing_leaves_an_end_state_and_every_open_one_can_be_left(way: Way) -> None:
    assert set(OPEN_STATES) | set(END_STATES) == set(State)
    assert not any(may_move(way, end, to) for end in END_STATES for to in State)
    reached = {State.RECEIVED}.union(*MOVES[way].values())
    for state in reached & set(OPEN_STATES):
        assert State.CANCELLED in MOVES[way][state]
        assert state in rules.STORE_CANCELS


def test_a_prescription_is_good_for_thirty_days_or_for_its_longest_course() -> None:
    issued = date(2026, 11, 23)
    assert last_day(issued, limit=30, longest_course=5) == date(2026, 12, 23)
    assert last_day(issued, limit=30, longest_course=180) == date(2027, 5, 22)


@pytest.mark.parametrize("typed", ["9QTD-E", "9qtde", "rx-7k3m-9qtd-e", " 9 q t d e ", "9QTDE"])
def test_the_last_letters_are_read_however_they_are_typed(typed: str) -> None:
    assert rules.last_letters(typed) == "9QTD-E"


@pytest.mark.parametrize("typed", ["", "QTDE", "–", "नौ"])
def test_too_few_letters_are_none(typed: str) -> None:
    assert rules.last_letters(typed) is None


def test_o_and_l_are_digits() -> None:
    assert rules.last_letters("ol1iq") == "0111-Q"


def test_progress_counts_medicines() -> None:
    assert rules.progress([(15, 15), (5, 0), (9, 4)]) == Progress(medicines=3, whole=1, partly=1)
    assert rules.progress([]).is_whole
    assert not rules.progress([(5, 1)]).is_whole
    assert rules.progress([(5, 1)]).is_begun


def stands_for(code: str, dose: str, other: str, frequency: str = "1-0-1") -> Exchange | None:
    """How another medicine of the formulary stands for this one in this dose."""
    steps = [Step(dose, parse_frequency(frequency), 5)]
    return exchange(medicine_of(code), medicine_of(other), steps=steps)


def medicine_of(code: str) -> Medicine:
    """A line of the formulary."""
    found = formulary().get(code)
    assert found, code
    return found


@pytest.mark.parametrize(
    ("line", "dose", "other", "factor", "new_dose"),
    [
        ("metformin-tablet-1000-mg", "1 tablet", "metformin-tablet-500-mg", 2, "2 tablet"),
        ("metformin-tablet-500-mg", "2 tablet", "metformin-tablet-1000-mg", Fraction(1, 2), "1 tablet"),
        ("amoxicillin-capsule-500-mg", "1 capsule", "amoxicillin-capsule-250-mg", 2, "2 capsule"),
        ("amoxicillin-capsule-500-mg", "1 capsule", "amoxicillin-suspension-250-mg-5-ml", 10, "10 ml"),
        ("paracetamol-syrup-125-mg-5-ml", "10 ml", "paracetamol-syrup-250-mg-5-ml", Fraction(1, 2), "5 ml"),
        ("paracetamol-tablet-500-mg", "1 tablet", "paracetamol-tablet-500-mg", 1, "1 tablet"),
    ],
)
def test_another_strength_or_form_stands_for_it(
    line: str, dose: str, other: str, factor: Fraction, new_dose: str
) -> None:
    found = stands_for(line, dose, other)
    assert found
    assert (found.factor, [step.dose for step in found.steps]) == (factor, [new_dose])


@pytest.mark.parametrize(
    ("line", "dose", "other", "why"),
    [
        ("metformin-tablet-500-mg", "1 tablet", "metformin-tablet-1000-mg", "half a tablet"),
        ("paracetamol-tablet-500-mg", "1 tablet", "paracetamol-tablet-650-mg", "three quarters of a tablet"),
        ("paracetamol-tablet-500-mg", "1 tablet", "paracetamol-suppository-170-mg", "another route"),
        ("paracetamol-tablet-500-mg", "1 tablet", "cetirizine-tablet-10-mg", "another substance"),
        (
            "amoxicillin-and-clavulanic-acid-tablet-500-mg-125-mg",
            "1 tablet",
            "amoxicillin-and-clavulanic-acid-tablet-875-mg-125-mg",
            "each part would have to fit",
        ),
    ],
)
def test_what_may_not_stand_for_it(line: str, dose: str, other: str, why: str) -> None:
    assert stands_for(line, dose, other) is None, why


def test_half_a_dose_at_night_is_looked_at_too() -> None:
    """1-0-½ of 1000 mg would be half a tablet of it at night."""
    assert stands_for("metformin-tablet-500-mg", "2 tablet", "metformin-tablet-1000-mg", "1-0-½") is None


def test_every_step_of_a_taper_is_exchanged() -> None:
    course = [Step(f"{units} tablet", parse_frequency("1-0-0"), 3) for units in (4, 2)]
    one, two = medicine_of("prednisolone-tablet-5-mg"), medicine_of("prednisolone-tablet-10-mg")
    found = exchange(one, two, steps=course)
    assert found
    assert [(step.dose, step.days) for step in found.steps] == [("2 tablet", 3), ("1 tablet", 3)]
    assert exchange(one, two, steps=[*course, Step("1 tablet", parse_frequency("1-0-0"), 3)]) is None


def test_what_is_handed_out_by_the_pack_is_exchanged_by_brand_only() -> None:
    lines = formulary().lines
    for one in [one for one in lines if one.form in {"cream", "ointment", "gel", "eye drops", "inhaler"}]:
        steps = [Step("thin layer", parse_frequency("1-0-1"), 5)]
        assert [other for other in lines if exchange(one, other, steps=steps)] == [one]


def test_the_amount_is_rounded_up_and_liquids_come_by_ten() -> None:
    syrup = stands_for("paracetamol-syrup-125-mg-5-ml", "10 ml", "paracetamol-syrup-250-mg-5-ml")
    assert syrup
    assert [syrup.amount(quantity) for quantity in (100, 90)] == [50, 50]


@given(st.data())
def test_the_milligrams_of_a_dose_stay_whatever_stands_for_it(data: st.DataObject) -> None:
    one = data.draw(st.sampled_from([one for one in formulary().lines if one.route == "oral"]))
    amount = data.draw(st.integers(1, 4))
    try:
        dose = clean_dose(form=one.form, dose=f"{amount * (5 if one.form in {'syrup', 'suspension'} else 1)}")
    except ValueError:
        return
    frequency = data.draw(st.sampled_from(["1-0-1", "½-0-1", "SOS max 3", "every 6 h"]).map(parse_frequency))
    for other in formulary().recognise(one.generic):
        found = exchange(one, other, steps=[Step(dose, frequency, 5)])
        if found is None:
            continue
        assert (other.generic, other.route) == (one.generic, one.route)
        mine, theirs = of_strength(one.strength), of_strength(other.strength)
        if one.strength != other.strength and mine and theirs:
            assert mine.value * (dose_units(dose) or 0) == theirs.value * (dose_units(found.steps[0].dose) or 0)
        else:
            assert found.factor == 1
        assert found.amount(7) >= 7 * found.factor
