"""The number of a paper, however it is read or typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sehat.papers import rules
from sehat.papers.rules import Kind


def test_a_number_is_read_however_it_is_typed() -> None:
    number = rules.written_number(Kind.PRESCRIPTION, "7K3M9QT0")
    assert number.startswith("RX-7K3M-9QT0-")
    assert rules.read_number(number.lower().replace("-", " ")) == number
    assert rules.read_number(number.replace("0", "O")) == number


@given(st.sampled_from(range(3, 12)), st.sampled_from("23456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_a_wrong_letter_is_noticed(place: int, letter: str) -> None:
    number = rules.written_number(Kind.PRESCRIPTION, rules.new_letters())
    if number[place] not in ("-", letter):
        assert rules.read_number(number[:place] + letter + number[place + 1 :]) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_number(text: str) -> None:
    rules.read_number(text)


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_numbers_of_its_own(kind: Kind) -> None:
    number = rules.written_number(kind, "7K3M9QT0")
    assert rules.read_number(number.lower()) == number
    assert rules.read_number(f"XX{number[2:]}") is None
