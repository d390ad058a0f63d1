"""The matrix of clinical.md row by row, the checks while writing, and: no path prints a prohibited medicine."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sehat.consultation.rules import Mode
from sehat.prescription import classes, dosage
from sehat.prescription.dosage import Food
from sehat.prescription.follow_ups import Earlier, is_follow_up, later_by
from sehat.prescription.formulary import TABLE, Medicine, formulary, read
from sehat.prescription.guidelines import (
    ELDERLY_MONTHS,
    Allergy,
    Circumstances,
    Pregnancy,
    Rule,
    Way,
    by_list,
    judge,
    judge_sheet,
)
from sehat.prescription.interactions import interactions
from sehat.prescription.rules import Caution, MedicineList
from sehat.prescription.writing import LineWritten

WHOLE = {medicine.code: medicine for medicine in read(TABLE.read_text(encoding="utf-8").splitlines())}
A_FIRST, A_REFILL = MedicineList.A_FIRST, MedicineList.A_REFILL
B, PROHIBITED = MedicineList.B, MedicineList.PROHIBITED
EXAMPLES = {
    MedicineList.O: "paracetamol-tablet-500-mg",
    A_FIRST: "clotrimazole-cream-1-%",
    A_REFILL: "enalapril-tablet-5-mg",
    B: "hydrochlorothiazide-tablet-25-mg",
    PROHIBITED: "alprazolam-tablet-0.5-mg",
}
ADULT = Circumstances(mode=Mode.VIDEO, follow_up=False, age_months=40 * 12, interactions=interactions())


def medicine(code: str) -> Medicine:
    return WHOLE[code]


def written(code: str, frequency: str = "1-0-1", *, dose: str = "", days: int = 5) -> LineWritten:
    """One line."""
    found = medicine(code)
    return LineWritten(found, dose or found.usual_dose, dosage.parse_frequency(frequency), Food.AFTER, days)


def rules(code: str, circumstances: Circumstances = ADULT, *others: str) -> dict[Rule, bool]:
    """Rule → whether it refuses."""
    found = judge(medicine(code), circumstances, others=[medicine(other) for other in others])
    return {finding.rule: finding.refused for finding in found}


VIDEO, AUDIO, TEXT = Mode.VIDEO, Mode.AUDIO, Mode.TEXT
FIRST, AGAIN = False, True
MATRIX: list[tuple[MedicineList, Mode, bool, str, Rule | None]] = [
    *((MedicineList.O, mode, which, "", None) for mode in Mode for which in (FIRST, AGAIN)),
    *((A_FIRST, VIDEO, which, "", None) for which in (FIRST, AGAIN)),
    *((A_FIRST, mode, which, "", Rule.VIDEO) for mode in (AUDIO, TEXT) for which in (FIRST, AGAIN)),
    *((A_REFILL, mode, FIRST, "Enam", Rule.FOLLOW_UP) for mode in Mode),
    *((A_REFILL, mode, AGAIN, "", Rule.IN_USE) for mode in Mode),
    *((A_REFILL, mode, AGAIN, "Metformin", Rule.IN_USE) for mode in Mode),
    *((A_REFILL, mode, AGAIN, "Enam", None) for mode in Mode),
    *((B, mode, FIRST, "Atenolol", Rule.FOLLOW_UP) for mode in Mode),
    *((B, mode, AGAIN, "", Rule.THERAPY) for mode in Mode),
    *((B, mode, AGAIN, "Crocin", Rule.THERAPY) for mode in Mode),
    *((B, mode, AGAIN, "Metformin, Thyronorm", Rule.THERAPY) for mode in Mode),
    *((B, mode, AGAIN, "Atenolol", None) for mode in Mode),
    *((PROHIBITED, mode, which, "Alprax", Rule.PROHIBITED) for mode in Mode for which in (FIRST, AGAIN)),
]


@pytest.mark.parametrize(("kind", "mode", "follow_up", "in_use", "rule"), MATRIX)
def test_each_row_of_the_matrix(
    kind: MedicineList, mode: Mode, follow_up: bool, in_use: str, rule: Rule | None
) -> None:
    circumstances = replace(
        ADULT, mode=mode, follow_up=follow_up, in_use=tuple(formulary().recognise(in_use)), interactions=()
    )
    example = medicine(EXAMPLES[kind])
    assert example.list is kind
    found = by_list(example, circumstances)
    assert [finding.rule for finding in found] == ([rule] if rule else [])
    for finding in found:
        assert finding.refused
        assert finding.ways
        assert finding.source
        assert finding.may_be_overruled is (rule is not Rule.PROHIBITED)


def test_each_refusal_by_list_names_its_own_way_out() -> None:
    video = by_list(medicine(EXAMPLES[A_FIRST]), replace(ADULT, mode=TEXT))[0]
    assert video.ways == (Way.VIDEO, Way.OTHER, Way.REFER)
    again = replace(ADULT, follow_up=True)
    assert Way.NOTE_IN_USE in by_list(medicine(EXAMPLES[A_REFILL]), again)[0].ways
    assert Way.IN_PERSON in by_list(medicine(EXAMPLES[B]), ADULT)[0].ways


circumstances_of_all_kinds = st.builds(
    Circumstances,
    mode=st.sampled_from(Mode),
    follow_up=st.booleans(),
    age_months=st.integers(0, 1300),
    confirmed=st.booleans(),
    may_be_pregnant=st.booleans(),
    pregnancy=st.sampled_from(Pregnancy),
    allergies=st.lists(st.builds(Allergy, st.text(max_size=10)), max_size=2).map(tuple),
    in_use=st.lists(st.sampled_from(list(WHOLE.values())), max_size=4).map(tuple),
    kidney_disease=st.booleans(),
    weight=st.floats(0, 120).map(lambda kilos: round(kilos, 1)),
    emergency=st.booleans(),
    interactions=st.just(interactions()),
)


@given(st.lists(st.sampled_from(list(WHOLE)), max_size=4), circumstances_of_all_kinds)
def test_no_path_prints_a_prohibited_medicine(codes: list[str], circumstances: Circumstances) -> None:
    lines = [LineWritten(medicine(code), "1 tablet", dosage.parse_frequency("1-0-1"), Food.ANY, 5) for code in codes]
    for line, findings in zip(lines, judge_sheet(lines, circumstances), strict=True):
        prohibited = [finding for finding in findings if finding.rule is Rule.PROHIBITED]
        assert bool(prohibited) is (line.medicine.list is PROHIBITED)
        assert all(finding.refused and not finding.may_be_overruled for finding in prohibited)
        # Refusals come first, and each names a way out and its source.
        assert findings == sorted(findings, key=lambda finding: not finding.refused)
        assert all(finding.source and (finding.ways or not finding.refused) for finding in findings)


@given(circumstances_of_all_kinds)
def test_a_lesser_mode_never_allows_more(circumstances: Circumstances) -> None:
    for code in EXAMPLES.values():
        by_mode = [
            any(finding.refused for finding in judge(medicine(code), replace(circumstances, mode=mode)))
            for mode in (VIDEO, AUDIO, TEXT)
        ]
        assert by_mode == sorted(by_mode)


@given(st.sampled_from(list(WHOLE.values())), circumstances_of_all_kinds)
def test_old_age_adds_what_its_column_says_and_takes_nothing_away(one: Medicine, circumstances: Circumstances) -> None:
    before = judge(one, replace(circumstances, age_months=ELDERLY_MONTHS - 1))
    old = judge(one, replace(circumstances, age_months=max(circumstances.age_months, ELDERLY_MONTHS)))
    assert [finding for finding in old if finding.rule is not Rule.ELDERLY] == before
    added = [finding for finding in old if finding.rule is Rule.ELDERLY]
    assert [(finding.refused, finding.about) for finding in added] == (
        [(one.elderly is Caution.NEVER, (one.elderly_why,))] if one.elderly else []
    )


def allergic(*words: str) -> Circumstances:
    """An adult on video who does not bear these."""
    return replace(ADULT, allergies=tuple(Allergy(word, tuple(formulary().recognise(word))) for word in words))


@pytest.mark.parametrize(
    ("words", "code", "rule"),
    [
        ("amoxicillin", "amoxicillin-capsule-500-mg", Rule.ALLERGY),
        ("Mox", "amoxicillin-and-clavulanic-acid-tablet-500-mg-125-mg", Rule.ALLERGY),
        ("penicillin", "amoxicillin-capsule-500-mg", Rule.ALLERGY),
        ("Augmentin", "cefixime-tablet-200-mg", Rule.ALLERGY_CLASS),
        ("Ecosprin", "ibuprofen-tablet-400-mg", Rule.ALLERGY_CLASS),
        ("Brufen", "diclofenac-tablet-50-mg", Rule.ALLERGY_CLASS),
        ("Septran", "silver-sulfadiazine-cream-1-%", Rule.ALLERGY_CLASS),
        ("sulpha drugs", "silver-sulfadiazine-cream-1-%", Rule.ALLERGY),
        ("painkillers", "ibuprofen-tablet-400-mg", Rule.ALLERGY),
        ("Calpol", "cetirizine-tablet-10-mg", None),
        ("dust", "cetirizine-tablet-10-mg", None),
        ("penicilin", "amoxicillin-capsule-500-mg", Rule.ALLERGY),
        ("Amoxycillin", "amoxicillin-capsule-500-mg", Rule.ALLERGY),
        ("ibuprofin tablets", "ibuprofen-tablet-400-mg", Rule.ALLERGY),
        ("septrin", "silver-sulfadiazine-cream-1-%", Rule.ALLERGY_CLASS),
        ("peanut", "cetirizine-tablet-10-mg", None),
    ],
)
def test_an_allergy_refuses_substance_and_class(words: str, code: str, rule: Rule | None) -> None:
    assert rules(code, allergic(words)) == ({rule: True} if rule else {})


def test_a_typo_names_no_other_medicine() -> None:
    """Each name of the formulary, as it stands, is taken for its own medicines alone."""
    for medicine in formulary().lines:
        for name in (medicine.generic, *medicine.aliases):
            assert medicine in formulary().recognise(name)
    for one, other in (("losartan", "valsartan"), ("cefixime", "cefepime"), ("prednisone", "prednisolone")):
        assert not formulary().recognise(one) or all(
            other not in found.substances or one in found.substances for found in formulary().recognise(one)
        )
    assert formulary().recognise("fever") == []
    assert formulary().recognise("ginger") == []


TAKEN = ("enalapril-tablet-5-mg", "glibenclamide-tablet-5-mg", "digoxin-tablet-0.25-mg")


@pytest.mark.parametrize(
    ("code", "circumstances", "expected"),
    [
        ("enalapril-tablet-5-mg", {"pregnancy": Pregnancy.PREGNANT}, {Rule.PREGNANCY: True}),
        ("enalapril-tablet-5-mg", {"pregnancy": Pregnancy.NOT_ASKED}, {Rule.PREGNANCY_UNKNOWN: True}),
        ("enalapril-tablet-5-mg", {"pregnancy": Pregnancy.NO}, {}),
        ("enalapril-tablet-5-mg", {"pregnancy": Pregnancy.PREGNANT, "may_be_pregnant": False}, {}),
        ("cetirizine-tablet-10-mg", {"pregnancy": Pregnancy.PREGNANT}, {Rule.PREGNANCY: False}),
        ("cetirizine-tablet-10-mg", {"pregnancy": Pregnancy.LACTATING}, {Rule.LACTATION: False}),
        ("tizanidine-tablet-2-mg", {"pregnancy": Pregnancy.LACTATING}, {Rule.LACTATION: True}),
        ("doxycycline-capsule-100-mg", {"age_months": 7 * 12}, {Rule.CHILD: True, Rule.PREGNANCY_UNKNOWN: True}),
        ("loratadine-tablet-10-mg", {"age_months": 24}, {}),
        ("loratadine-tablet-10-mg", {"age_months": 23}, {Rule.CHILD: True}),
        ("permethrin-cream-5-%", {"age_months": 1}, {Rule.CHILD: True}),
        ("nitrofurantoin-tablet-100-mg", {"kidney_disease": True}, {Rule.KIDNEY: True}),
        ("famotidine-tablet-20-mg", {"kidney_disease": True}, {Rule.KIDNEY: False}),
        ("glibenclamide-tablet-5-mg", {"age_months": 65 * 12}, {Rule.ELDERLY: False}),
        ("glibenclamide-tablet-5-mg", {"age_months": 65 * 12 - 1}, {}),
        ("chlorpheniramine-tablet-4-mg", {"age_months": 90 * 12}, {Rule.ELDERLY: False}),
        ("chlorpheniramine-tablet-4-mg", {"age_months": 64 * 12}, {}),
        (
            "digoxin-tablet-0.25-mg",
            {"age_months": 70 * 12, "kidney_disease": True},
            {Rule.ELDERLY: False, Rule.KIDNEY: False},
        ),
        ("loratadine-tablet-10-mg", {"age_months": 90 * 12}, {}),
        ("paracetamol-tablet-500-mg", {"confirmed": False}, {Rule.UNCONFIRMED: True}),
    ],
)
def test_the_person_counts(code: str, circumstances: dict[str, object], expected: dict[Rule, bool]) -> None:
    person = replace(ADULT, follow_up=True, may_be_pregnant=True, in_use=tuple(map(medicine, TAKEN)))
    assert rules(code, replace(person, interactions=(), **circumstances)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "other", "expected"),
    [
        ("paracetamol-tablet-500-mg", "paracetamol-syrup-125-mg-5-ml", {Rule.TWICE: True}),
        ("paracetamol-tablet-500-mg", "aceclofenac-and-paracetamol-tablet-100-mg-325-mg", {Rule.TWICE: True}),
        ("ciprofloxacin-eye-drops-0.3-%", "ciprofloxacin-ear-drops-0.3-%", {Rule.TWICE_ELSEWHERE: False}),
        ("ibuprofen-tablet-400-mg", "diclofenac-tablet-50-mg", {Rule.INTERACTION: True}),
        ("ibuprofen-tablet-400-mg", "diclofenac-gel-1-%", {}),
        ("clarithromycin-tablet-500-mg", "ondansetron-tablet-4-mg", {Rule.INTERACTION: False}),
        ("paracetamol-tablet-500-mg", "cetirizine-tablet-10-mg", {}),
    ],
)
def test_lines_are_judged_together(code: str, other: str, expected: dict[Rule, bool]) -> None:
    assert rules(code, ADULT, other) == expected
    assert rules(other, ADULT, code).keys() == expected.keys()


def test_what_is_in_use_counts_for_interactions() -> None:
    takes_nitrates = replace(ADULT, follow_up=True, in_use=tuple(formulary().recognise("Sorbitrate, Viagra")))
    assert rules("sildenafil-tablet-50-mg", takes_nitrates) == {Rule.INTERACTION: True}
    # Refilled: what is taken already is not "twice".
    assert Rule.TWICE not in rules("isosorbide-dinitrate-sublingual-tablet-5-mg", takes_nitrates)


@pytest.mark.parametrize(
    ("code", "frequency", "dose", "too_much"),
    [
        ("paracetamol-tablet-500-mg", "2-2-2", "1 tablet", False),
        ("paracetamol-tablet-500-mg", "2-2-2-2", "1 tablet", False),
        ("paracetamol-tablet-500-mg", "3-3-3", "1 tablet", True),
        ("paracetamol-tablet-650-mg", "SOS max 7", "1 tablet", True),
        ("paracetamol-syrup-125-mg-5-ml", "every 6 h", "40 ml", False),
        ("paracetamol-syrup-125-mg-5-ml", "every 6 h", "50 ml", True),
        ("paracetamol-drops-100-mg-ml", "1-1-1", "10 drops", False),
        ("cetirizine-tablet-10-mg", "1-0-1", "1 tablet", True),
        ("levothyroxine-tablet-100-mcg", "1-0-0", "2 tablets", False),
        ("levothyroxine-tablet-100-mcg", "1-0-0", "2½ tablets", True),
        ("amoxicillin-and-clavulanic-acid-tablet-500-mg-125-mg", "1-1-1", "1 tablet", False),
        ("amoxicillin-and-clavulanic-acid-tablet-500-mg-125-mg", "1-1-1-1", "1 tablet", True),
        ("lactulose-solution-10-g-15-ml", "1-0-1", "45 ml", True),
        ("clotrimazole-cream-1-%", "1-1-1-1", "thin layer", False),
        ("alendronate-tablet-70-mg", "1-0-0 weekly", "1 tablet", False),
    ],
)
def test_more_than_the_maximum_a_day_is_refused(code: str, frequency: str, dose: str, too_much: bool) -> None:
    findings = judge_sheet([written(code, frequency, dose=dose)], replace(ADULT, follow_up=True))[0]
    assert any(finding.rule is Rule.MAXIMUM for finding in findings) is too_much


@pytest.mark.parametrize(
    ("code", "in_use", "rule"),
    [
        ("hydrochlorothiazide-tablet-25-mg", "Atenolol", None),
        ("hydrochlorothiazide-tablet-25-mg", "Telma AM", None),
        ("hydrochlorothiazide-tablet-25-mg", "Metformin", Rule.THERAPY),
        ("sitagliptin-tablet-50-mg", "Metformin", None),
        ("sitagliptin-tablet-50-mg", "Atenolol", Rule.THERAPY),
        ("sitagliptin-tablet-50-mg", "sitagliptin", None),
        ("ezetimibe-tablet-10-mg", "Atorva 20", None),
        ("ezetimibe-tablet-10-mg", "Thyronorm", Rule.THERAPY),
    ],
)
def test_list_b_is_added_to_a_therapy_of_the_same_illness(code: str, in_use: str, rule: Rule | None) -> None:
    again = replace(ADULT, follow_up=True, in_use=tuple(formulary().recognise(in_use)))
    assert [one.rule for one in by_list(medicine(code), again)] == ([rule] if rule else [])


def test_every_class_that_is_named_stands_in_the_formulary() -> None:
    known = {one.group for one in WHOLE.values()}
    named = classes.ONE_IS_ENOUGH.union(classes.CROSSING, *classes.CROSSING.values(), *classes.FAMILIES)
    assert named <= known


def test_what_is_combined_belongs_to_the_classes_of_its_parts() -> None:
    both = medicine("telmisartan-and-hydrochlorothiazide-tablet-40-mg-12.5-mg")
    assert both.classes == {"angiotensin blocker", "thiazide diuretic"}
    lithium = replace(ADULT, in_use=tuple(formulary().recognise("lithium carbonate")), follow_up=True)
    assert rules(both.code, lithium)[Rule.INTERACTION] is True


@pytest.mark.parametrize(
    ("code", "other", "rule"),
    [
        ("enalapril-tablet-5-mg", "ramipril-tablet-5-mg", Rule.SAME_CLASS),
        ("cetirizine-tablet-10-mg", "montelukast-and-levocetirizine-tablet-10-mg-5-mg", Rule.SAME_CLASS),
        ("omeprazole-capsule-20-mg", "pantoprazole-tablet-40-mg", Rule.SAME_CLASS),
        ("ibuprofen-tablet-400-mg", "diclofenac-gel-1-%", None),
        ("insulin-glargine-injection-100-iu-ml", "insulin-soluble-injection-40-iu-ml", None),
        ("paracetamol-tablet-500-mg", "paracetamol-tablet-650-mg", Rule.IN_USE_ALREADY),
        ("paracetamol-tablet-500-mg", "cetirizine-tablet-10-mg", None),
    ],
)
def test_what_is_taken_already_is_not_doubled_unseen(code: str, other: str, rule: Rule | None) -> None:
    takes = replace(ADULT, follow_up=True, in_use=(medicine(other),), interactions=())
    doubled = {Rule.SAME_CLASS, Rule.IN_USE_ALREADY}
    found = {one.rule: one.refused for one in judge(medicine(code), takes) if one.rule in doubled}
    assert found == ({rule: False} if rule else {})


def test_a_refill_is_not_taken_already() -> None:
    takes = replace(ADULT, follow_up=True, in_use=(medicine("enalapril-tablet-5-mg"),))
    assert rules("enalapril-tablet-5-mg", takes) == {}


def test_two_routes_together_are_not_above_the_maximum() -> None:
    tablets = written("paracetamol-tablet-500-mg", "2-2-2")
    for often, too_much in (("1-1-1", False), ("2-2-2-1", True)):
        sheet = [tablets, written("paracetamol-suppository-170-mg", often)]
        found = {one.rule for findings in judge_sheet(sheet, ADULT) for one in findings if one.refused}
        assert found == ({Rule.MAXIMUM_TOGETHER} if too_much else set())


@pytest.mark.parametrize(
    ("code", "frequency", "days", "rule"),
    [
        ("cholecalciferol-capsule-60000-iu", "1-0-0 weekly", 56, None),
        ("cholecalciferol-capsule-60000-iu", "1-0-0", 1, None),
        ("cholecalciferol-capsule-60000-iu", "1-0-0", 30, Rule.MAXIMUM_WEEK),
        ("alendronate-tablet-70-mg", "1-0-0", 30, Rule.MAXIMUM_WEEK),
        ("alendronate-tablet-70-mg", "1-0-0 alternate days", 30, Rule.MAXIMUM_WEEK),
        ("alendronate-tablet-70-mg", "1-0-0 weekly", 28, None),
        ("xylometazoline-nasal-drops-0.1-%", "1-0-1", 5, None),
        ("xylometazoline-nasal-drops-0.1-%", "1-0-1", 6, Rule.LONG),
    ],
)
def test_weekly_is_not_daily_and_short_courses_stay_short(
    code: str, frequency: str, days: int, rule: Rule | None
) -> None:
    takes = replace(ADULT, follow_up=True, in_use=(medicine(code),) if medicine(code).list is A_REFILL else ())
    found = judge_sheet([written(code, frequency, days=days)], takes)[0]
    assert [one.rule for one in found] == ([rule] if rule else [])
    assert [one.refused for one in found] == ([rule is Rule.MAXIMUM_WEEK] if rule else [])


CHILD = replace(ADULT, age_months=4 * 12, weight=16)


@pytest.mark.parametrize(
    ("dose", "frequency", "rule"),
    [
        ("10 ml", "1-1-1", None),
        ("10 ml", "1-1-1-1", Rule.MAXIMUM_CHILD),  # 2000 mg on 16 kg: 125 mg per kg
        ("5 ml", "every 6 h", None),
        ("25 ml", "every 4 h", Rule.MAXIMUM_CHILD),
    ],
)
def test_a_child_gets_no_more_than_its_weight_allows(dose: str, frequency: str, rule: Rule | None) -> None:
    syrup = "paracetamol-syrup-125-mg-5-ml" if dose != "10 ml" else "paracetamol-syrup-250-mg-5-ml"
    child = replace(CHILD, weight=26)  # at most 1560 mg a day
    found = judge_sheet([written(syrup, frequency, dose=dose)], child)[0]
    refused = [one.rule for one in found if one.refused]
    assert refused == ([rule] if rule else [])


def test_a_doctor_reads_what_a_dose_by_weight_is() -> None:
    (told,) = judge(medicine("paracetamol-syrup-125-mg-5-ml"), replace(CHILD, weight=12))
    assert (told.rule, told.refused) == (Rule.BY_WEIGHT, False)
    assert told.about == ("12", "180 mg (7.2 ml)", "720 mg")
    (tablet,) = judge(medicine("paracetamol-tablet-500-mg"), replace(CHILD, weight=20))
    assert tablet.about[1] == "300 mg"


def test_a_child_is_weighed_first_and_an_unlikely_weight_is_doubted() -> None:
    assert rules("paracetamol-drops-100-mg-ml", replace(CHILD, weight=0)) == {Rule.WEIGHT: True}
    assert rules("clotrimazole-cream-1-%", replace(CHILD, weight=0)) == {}
    assert rules("paracetamol-drops-100-mg-ml", replace(CHILD, age_months=6, weight=70)) == {
        Rule.BY_WEIGHT: False,
        Rule.WEIGHT_UNLIKELY: False,
    }
    # From twelve years on the adult's maximum holds.
    assert rules("paracetamol-tablet-500-mg", replace(CHILD, age_months=12 * 12, weight=0)) == {}


def test_a_weight_never_allows_more_than_an_adult_takes() -> None:
    heavy = replace(CHILD, age_months=11 * 12 + 11, weight=75)
    assert judge(medicine("paracetamol-tablet-500-mg"), heavy)[0].about[2] == "4000 mg"


def test_in_an_emergency_only_list_o_is_first_aid() -> None:
    emergency = replace(ADULT, emergency=True)
    assert rules("amoxicillin-capsule-500-mg", emergency) == {Rule.EMERGENCY: True}
    assert rules("oral-rehydration-salts-sachet-20.5-g", emergency) == {}
    (found,) = judge(medicine("amoxicillin-capsule-500-mg"), emergency)
    assert found.ways == (Way.NO_EMERGENCY, Way.REFER)


TODAY = date(2026, 11, 23)


def _again(*earlier: Earlier, seen_on: date | None = None, in_person_only: bool = False) -> bool:
    return is_follow_up(
        doctor=1,
        conditions=["E11.9", "I10"],
        today=TODAY,
        earlier=earlier,
        months=6,
        in_person_only=in_person_only,
        seen_on=seen_on,
    )


@pytest.mark.parametrize(
    ("earlier", "again"),
    [
        (Earlier(1, date(2026, 5, 23), VIDEO, ("E11.9",)), True),
        (Earlier(1, date(2026, 5, 22), VIDEO, ("E11.9",)), False),
        (Earlier(1, date(2026, 11, 1), VIDEO, ("E11.2",)), True),  # the same illness, another complication
        (Earlier(1, date(2026, 11, 1), VIDEO, ("E10.9",)), False),
        (Earlier(2, date(2026, 11, 1), VIDEO, ("E11.9",)), False),
        (Earlier(1, date(2026, 11, 1), TEXT, ("E11.9",)), False),
    ],
)
def test_a_follow_up_is_the_same_doctor_the_same_condition_within_six_months(earlier: Earlier, again: bool) -> None:
    assert _again(earlier) is again
    assert not _again(earlier, in_person_only=True)


def test_a_visit_in_person_counts_as_the_doctor_states_it() -> None:
    assert _again(seen_on=date(2026, 6, 1), in_person_only=True)
    assert not _again(seen_on=date(2026, 5, 1))
    assert not _again()


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2026, 7, 15), 6, date(2027, 1, 15)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
    ],
)
def test_months_end_on_a_day_there_is(day: date, months: int, later: date) -> None:
    assert later_by(day, months) == later


def test_each_interaction_names_what_the_formulary_knows() -> None:
    names = {substance for one in WHOLE.values() for substance in one.substances} | {
        one.group for one in WHOLE.values()
    }
    unknown = {name for pair in interactions() for name in (pair.one, pair.other)} - names
    assert not unknown
    assert all(pair.effect and pair.effect_hindi and pair.source for pair in interactions())
