"""Patient IDs, OTP limits, mobiles: the rules alone."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sehat.entitlement.rules import age_on
from sehat.kernel.phones import indian_mobile
from sehat.registration import queries, rules
from sehat.registration.rules import OtpPolicy, may_send_at

NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


def test_a_patient_id_has_twelve_digits_in_groups_of_four() -> None:
    patient_id = rules.new_patient_id()
    assert len(patient_id) == 12
    assert rules.grouped(patient_id) == f"{patient_id[:4]} {patient_id[4:8]} {patient_id[8:]}"
    assert rules.is_patient_id(rules.grouped(patient_id))


@given(st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(place: int, off: int) -> None:
    digits = list(rules.new_patient_id())
    digits[place] = str((int(digits[place]) + off) % 10)
    assert not rules.is_patient_id("".join(digits))


@given(st.integers(0, 10))
def test_two_digits_that_changed_places_are_noticed(place: int) -> None:
    digits = list(rules.new_patient_id())
    if digits[place] != digits[place + 1]:
        digits[place], digits[place + 1] = digits[place + 1], digits[place]
        assert not rules.is_patient_id("".join(digits))


@pytest.mark.parametrize("text", ["", "1234", "abcd efgh ijkl", "१२३४५६७८९०१२", "1234567890123"])
def test_other_texts_are_no_patient_ids(text: str) -> None:
    assert not rules.is_patient_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "9876543210",
        "+91 98765 43210",
        "09876543210",
        "0091-98765-43210",
        "(98765) 43210",
        "९८७६५ ४३२१०",
        "+९१ ९८७६५ ४३२१०",
        " 98765  43210 ",
    ],
)
def test_a_mobile_is_understood_however_it_is_written(text: str) -> None:
    assert indian_mobile(text) == "9876543210"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "98765",
        "1234567890",
        "01126180000",
        "080 2345 6789",
        "5876543210",
        "+1 415 555 2671",
        "98765432101",
        "asha",
        "9876543210 ext. 3",
        "9" * 300,
    ],
)
def test_what_is_no_indian_mobile(text: str) -> None:
    assert indian_mobile(text) is None


@given(st.integers(6_000_000_000, 9_999_999_999).map(str))
def test_ten_digits_from_six_are_a_mobile_also_where_a_landline_begins_so(mobile: str) -> None:
    assert indian_mobile(mobile) == indian_mobile(f"+91 {mobile}") == mobile


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_mobiles(text: str) -> None:
    mobile = indian_mobile(text)
    assert mobile is None or (len(mobile) == 10 and mobile.isascii() and mobile.isdigit())


def test_a_code_is_six_digits_with_its_zeros() -> None:
    codes = {rules.new_code(6) for _ in range(200)}
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(codes) > 190


def test_a_digest_fits_one_mobile_and_one_key_only() -> None:
    digest = rules.otp_digest("123456", "9876543210", "key")
    assert digest != rules.otp_digest("123456", "9876543211", "key")
    assert digest != rules.otp_digest("123456", "9876543210", "other key")
    assert "123456" not in digest


@given(st.lists(st.integers(0, 900), max_size=60))
def test_never_six_otps_in_an_hour_nor_two_in_half_a_minute(pauses: list[int]) -> None:
    policy, moment = OtpPolicy(), NOON
    sent: list[float] = []
    for pause in pauses:
        moment += timedelta(seconds=pause)
        if may_send_at(sent, moment, policy, used=False) <= moment:
            sent.append(moment.timestamp())
    assert all(later - earlier >= 30 for earlier, later in pairwise(sent))
    assert all(sixth - first >= 3600 for first, sixth in zip(sent, sent[5:], strict=False))


@given(st.integers(0, 120), st.dates(date(2024, 1, 1), date(2040, 12, 31)))
def test_who_gives_an_age_has_that_age_today(age: int, today: date) -> None:
    assert age_on(today, rules.born_if_aged(age, today)) == age


def test_places_come_from_the_pincode() -> None:
    place = queries.place_of("411001")
    assert place is not None
    assert (place.state, place.districts) == ("Maharashtra", ["Pune"])
    assert "Nagpur" in place.all_districts
    assert queries.place_of("000000") is None
    assert queries.place_of("pune") is None
    assert queries.districts_of("Atlantis") == []


def test_every_state_of_the_post_has_a_name_on_the_page() -> None:
    import indian_pincode

    from sehat.registration.place_names import STATES

    assert {name.upper() for name in STATES} == set(indian_pincode.list_states())
    assert all(queries.districts_of(state) for state in STATES)
