"""How medicines are taken: plain rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sehat.prescription import dosage
from sehat.prescription.course import Step, quantity, steps_of
from sehat.prescription.dosage import SUGGESTED_FREQUENCIES, Food, parse_frequency
from sehat.prescription.phrases import course, sentence


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("1-0-1", "1-0-1"),
        (" 1 0 1 ", "1-0-1"),
        ("1–1–1", "1-1-1"),
        ("½-0-½", "½-0-½"),
        ("1/2-0-1.5", "½-0-1½"),
        ("1-1-1-1", "1-1-1-1"),
        ("BD", "1-0-1"),
        ("b.d.", "1-0-1"),
        ("t.d.s", "1-1-1"),
        ("HS", "0-0-0-1"),
        ("twice a day", "1-0-1"),
        ("दिन में दो बार", "1-0-1"),
        ("SOS", "SOS, max 3"),
        ("sos max 2", "SOS, max 2"),
        ("ज़रूरत होने पर, 4 बार", "SOS, max 4"),
        ("every 6 hours", "every 6 h"),
        ("q8h", "every 8 h"),
        ("6 hourly", "every 6 h"),
        ("weekly once", "1-0-0 weekly"),
        ("1-0-0 weekly", "1-0-0 weekly"),
        ("1-0-1 alternate days", "1-0-1 alternate days"),
        ("stat", "1-0-0 once only"),
    ],
)
def test_doctors_write_frequencies_in_many_ways(typed: str, understood: str) -> None:
    assert str(parse_frequency(typed)) == understood


@pytest.mark.parametrize(
    "typed", ["", "  ", "0-0-0", "10 ml", "1-0", "every 5 hours", "SOS max 99", "1/0-1-1", "99-0-0", "x" * 500]
)
def test_what_is_no_frequency_is_not_guessed(typed: str) -> None:
    with pytest.raises(ValueError):
        parse_frequency(typed)


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_a_frequency(typed: str) -> None:
    try:
        frequency = parse_frequency(typed)
    except ValueError:
        return
    assert frequency.units_per_day > 0
    assert parse_frequency(str(frequency)).units_per_day > 0


def test_every_suggested_frequency_is_kept_as_it_is() -> None:
    assert [str(parse_frequency(text)) for text in SUGGESTED_FREQUENCIES] == list(SUGGESTED_FREQUENCIES)


@pytest.mark.parametrize(
    ("form", "dose", "frequency", "days", "amount", "unit"),
    [
        ("tablet", "1 tablet", "1-0-1", 5, 10, "tablet"),
        ("tablet", "½ tablet", "1-0-0", 5, 3, "tablet"),
        ("tablet", "1 tablet", "SOS max 3", 3, 9, "tablet"),
        ("tablet", "2 tablet", "every 6 h", 1, 8, "tablet"),
        ("capsule", "1 capsule", "weekly", 56, 8, "capsule"),
        ("tablet", "1 tablet", "1-0-0 alternate days", 10, 5, "tablet"),
        ("tablet", "1 tablet", "stat", 1, 1, "tablet"),
        ("syrup", "5 ml", "1-1-1", 5, 80, "ml"),
        ("cream", "thin layer", "1-0-1", 14, 1, "tube"),
        ("eye drops", "1 drop", "1-1-1-1", 7, 1, "bottle"),
    ],
)
def test_the_quantity_is_computed(form: str, dose: str, frequency: str, days: int, amount: int, unit: str) -> None:
    found = quantity(form=form, steps=[Step(dose, parse_frequency(frequency), days)])
    assert (found.amount, found.unit) == (amount, unit)


def test_no_days_is_no_course() -> None:
    with pytest.raises(ValueError):
        quantity(form="tablet", steps=[Step("1 tablet", parse_frequency("1-0-1"), 0)])
    with pytest.raises(ValueError):
        quantity(form="tablet", steps=[])


@pytest.mark.parametrize(
    ("form", "typed", "clean"),
    [
        ("tablet", "1", "1 tablet"),
        ("tablet", "2 Tabs", "2 tablet"),
        ("tablet", "1/2 tablet", "½ tablet"),
        ("syrup", "7.5 ML", "7.5 ml"),
        ("vaginal tablet", "1 tablet", "1 vaginal tablet"),
        ("cream", " Thin  layer ", "thin layer"),
    ],
)
def test_a_dose_is_written_in_the_unit_of_the_store(form: str, typed: str, clean: str) -> None:
    assert dosage.clean_dose(form=form, dose=typed) == clean


@pytest.mark.parametrize(
    ("form", "typed"), [("tablet", "500 mg"), ("tablet", "11"), ("tablet", ""), ("syrup", "500 ml")]
)
def test_a_dose_that_would_hand_out_nonsense_is_refused(form: str, typed: str) -> None:
    with pytest.raises(ValueError):
        dosage.clean_dose(form=form, dose=typed)


@pytest.mark.parametrize(
    ("form", "dose", "frequency", "food", "days", "english", "hindi"),
    [
        (
            "tablet",
            "1 tablet",
            "1-0-1",
            Food.AFTER,
            5,
            "Take 1 tablet in the morning and 1 tablet at night, after food, for 5 days.",
            "सुबह 1 गोली और रात को 1 गोली लें, खाने के बाद, 5 दिन तक।",
        ),
        (
            "tablet",
            "1 tablet",
            "SOS max 3",
            Food.ANY,
            3,
            "Take 1 tablet, only when needed, at most 3 times in 24 hours, for 3 days.",
            "ज़रूरत होने पर 1 गोली लें, 24 घंटे में 3 बार से ज़्यादा नहीं, 3 दिन तक।",
        ),
        (
            "eye drops",
            "1 drop",
            "every 4 h",
            Food.ANY,
            7,
            "Put 1 drop in the affected eye, every 4 hours, for 7 days.",
            "हर 4 घंटे पर जिस आँख में तकलीफ़ है उसमें 1 बूँद डालें, 7 दिन तक।",
        ),
        (
            "eye ointment",
            "thin line",
            "0-0-0-1",
            Food.ANY,
            5,
            "Put a thin line at bedtime inside the lower lid of the affected eye, for 5 days.",
            "जिस आँख में तकलीफ़ है उसकी निचली पलक के अंदर सोते समय पतली लकीर लगाएँ, 5 दिन तक।",
        ),
        (
            "sublingual tablet",
            "1 sublingual tablet",
            "SOS max 3",
            Food.ANY,
            30,
            "Keep 1 tablet under the tongue, only when needed, at most 3 times in 24 hours, for 30 days.",
            "ज़रूरत होने पर जीभ के नीचे 1 गोली रखें, निगलें नहीं, 24 घंटे में 3 बार से ज़्यादा नहीं, 30 दिन तक।",
        ),
        (
            "sachet",
            "1 sachet",
            "1-0-0",
            Food.ANY,
            1,
            "Take 1 sachet in the morning dissolved in water, for 1 day.",
            "पानी में घोलकर सुबह 1 पैकेट लें, 1 दिन तक।",
        ),
        (
            "inhalation capsule",
            "1 inhalation capsule",
            "1-0-1",
            Food.ANY,
            3,
            "Breathe the steam of 1 capsule in the morning and 1 capsule at night in hot water, for 3 days.",
            "सुबह 1 कैप्सूल और रात को 1 कैप्सूल गरम पानी में डालकर भाप लें, 3 दिन तक।",
        ),
        (
            "capsule",
            "1 capsule",
            "weekly",
            Food.AFTER,
            56,
            "Once a week: take 1 capsule in the morning, after food, for 56 days.",
            "हफ़्ते में एक बार: सुबह 1 कैप्सूल लें, खाने के बाद, 56 दिन तक।",
        ),
        ("tablet", "1 tablet", "stat", Food.ANY, 1, "Take 1 tablet, once only.", "केवल एक बार 1 गोली लें।"),
    ],
)
def test_a_line_is_said_in_both_languages(
    form: str, dose: str, frequency: str, food: Food, days: int, english: str, hindi: str
) -> None:
    said = sentence(form=form, dose=dose, frequency=parse_frequency(frequency), food=food, days=days)
    assert (said.english, said.hindi) == (english, hindi)


def _taper(*steps: tuple[str, str, int]) -> list[Step]:
    return [Step(dose, parse_frequency(frequency), days) for dose, frequency, days in steps]


PREDNISOLONE = (("3 tablet", "1-0-0", 3), ("2 tablet", "1-0-0", 3), ("1 tablet", "1-0-0", 3))


@pytest.mark.parametrize(
    ("form", "steps", "amount"),
    [
        ("tablet", PREDNISOLONE, 18),
        ("tablet", (("½ tablet", "1-0-0", 3), ("½ tablet", "1-0-0 alternate days", 4)), 3),
        ("syrup", (("7.5 ml", "1-0-1", 2), ("5 ml", "1-0-0", 2)), 40),
        ("inhaler", (("2 puffs", "1-0-1", 7), ("1 puff", "1-0-1", 7)), 1),
    ],
)
def test_the_quantity_of_a_taper_is_all_its_steps(
    form: str, steps: tuple[tuple[str, str, int], ...], amount: int
) -> None:
    assert quantity(form=form, steps=_taper(*steps)).amount == amount


def test_a_taper_is_said_step_by_step() -> None:
    said = course(form="tablet", steps=_taper(*PREDNISOLONE), food=Food.AFTER)
    assert said.english == (
        "Take in this order, after food: 3 tablets in the morning for 3 days; then 2 tablets in the morning for 3 "
        "days; then 1 tablet in the morning for 3 days."
    )
    assert said.hindi == ("खाने के बाद इस क्रम से लें: पहले 3 दिन सुबह 3 गोली; फिर 3 दिन सुबह 2 गोली; फिर 3 दिन सुबह 1 गोली।")


@pytest.mark.parametrize(
    ("step", "english", "hindi"),
    [
        (("1 tablet", "every 8 h", 2), "1 tablet every 8 hours for 2 days", "2 दिन हर 8 घंटे पर 1 गोली"),
        (("1 tablet", "1-0-0 alternate days", 1), "in the morning every other day for 1 day", "1 दिन एक दिन छोड़कर"),
    ],
)
def test_each_step_says_how_often(step: tuple[str, str, int], english: str, hindi: str) -> None:
    said = course(form="tablet", steps=_taper(PREDNISOLONE[0], step), food=Food.ANY)
    assert english in said.english
    assert hindi in said.hindi


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["1 tablet", "½ tablet", "3 tablet"]),
            st.sampled_from(["1-0-0", "1-0-1", "every 6 h", "1-0-0 alternate days"]),
            st.integers(1, 60),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_a_kept_course_comes_back_and_hands_out_no_less_than_is_taken(written: list[tuple[str, str, int]]) -> None:
    steps = tuple(_taper(*written))
    assert steps_of([step.kept for step in steps]) == steps
    alone = [quantity(form="tablet", steps=[step]).amount for step in steps]
    together = quantity(form="tablet", steps=steps).amount
    assert sum(alone) - len(steps) < together <= sum(alone)
