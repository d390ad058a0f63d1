"""Numbers, follow-up, and what may be prescribed at all."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sehat.prescription import rules
from sehat.prescription.rules import MedicineList


def test_only_prohibited_medicines_are_barred_for_all() -> None:
    assert [kind for kind in MedicineList if not rules.may_prescribe(kind)] == [MedicineList.PROHIBITED]


def test_a_number_is_read_however_it_is_typed() -> None:
    number = rules.written_number("7K3M9QT0")
    assert number.startswith("RX-7K3M-9QT0-")
    assert rules.read_number(number.lower().replace("-", " ")) == number
    assert rules.read_number(number.replace("0", "O")) == number


@given(st.sampled_from(range(3, 12)), st.sampled_from("23456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_a_wrong_letter_is_noticed(place: int, letter: str) -> None:
    number = rules.written_number(rules.new_letters())
    if number[place] not in ("-", letter):
        assert rules.read_number(number[:place] + letter + number[place + 1 :]) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_number(text: str) -> None:
    rules.read_number(text)


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        (None, None),
        (date(2026, 11, 23), None),
        (date(2026, 11, 22), "past"),
        (date(2027, 11, 23), None),
        (date(2027, 11, 24), "far"),
    ],
)
def test_a_follow_up_lies_within_a_year(day: date | None, problem: str | None) -> None:
    assert rules.follow_up_problem(day, today=date(2026, 11, 23)) == problem
