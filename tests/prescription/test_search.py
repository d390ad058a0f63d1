"""The formulary and ICD-10, as a doctor searches them."""

import csv
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sehat.prescription import amounts, dosage
from sehat.prescription.diagnoses import COMMON, classification
from sehat.prescription.formulary import COLUMNS, TABLE, BadFormulary, formulary, read
from sehat.prescription.rules import MedicineList

HEAD = ",".join(COLUMNS)


def _milliseconds(ask: Callable[[str], object], words: list[str]) -> float:
    """CPU milliseconds of the slowest of the questions, each asked once before: a busy machine is not counted."""
    worst = 0.0
    for word in words:
        ask(word)
        start = time.thread_time()
        ask(word)
        worst = max(worst, time.thread_time() - start)
    return worst * 1000


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("par", "PARACETAMOL tablet 500 mg"),
        ("dolo", "PARACETAMOL tablet 650 mg"),
        ("para syr", "PARACETAMOL syrup 125 mg/5 ml"),
        ("parcetamol", "PARACETAMOL tablet 500 mg"),
        ("azihtro", "AZITHROMYCIN tablet 500 mg"),
        ("ors", "ORAL REHYDRATION SALTS sachet 20.5 g"),
        ("metf 1000", "METFORMIN tablet 1000 mg"),
        ("antifungal", "FLUCONAZOLE capsule 150 mg"),
        ("antifugnal", "FLUCONAZOLE capsule 150 mg"),
    ],
)
def test_a_medicine_is_found_by_generic_brand_class_and_with_a_typo(typed: str, first: str) -> None:
    assert formulary().search(typed)[0].label == first


@pytest.mark.parametrize("typed", ["", "pa", "   ", "p a", "zzzz", "<script>", "%", "'"])
def test_too_little_or_nonsense_finds_nothing(typed: str) -> None:
    assert formulary().search(typed) == []


def _all_lines() -> list[str]:
    return TABLE.read_text(encoding="utf-8").splitlines()


def test_no_prohibited_medicine_is_found_by_any_of_its_names() -> None:
    prohibited = [m for m in read(_all_lines()) if m.list is MedicineList.PROHIBITED]
    assert len(prohibited) > 10
    for medicine in prohibited:
        for name in (medicine.generic, medicine.label, *medicine.aliases):
            assert medicine not in formulary().search(name), name
        assert formulary().get(medicine.code) is None
        assert formulary().get(medicine.label) is None


@given(st.text(max_size=30))
def test_whatever_is_typed_brings_only_what_may_be_prescribed(typed: str) -> None:
    assert all(m.list is not MedicineList.PROHIBITED for m in formulary().search(typed))
    assert all(hit.code for hit in classification().search(typed))


def test_the_formulary_is_large_enough_and_each_line_names_its_source() -> None:
    assert len(formulary().lines) >= 300
    assert all(m.source and m.group for m in formulary().lines)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("Water,tablet,1 mg,oral,C,x,,,,,,,NLEM,", "row 1 (Water tablet 1 mg): 'C' is not"),
        ("Water,brick,1 mg,oral,O,x,,,,,,,NLEM,", "unknown form"),
        ("Water,tablet,,oral,O,x,,,,,,,NLEM,", "strength is empty"),
        ("Water,tablet,1 mg,oral,O,x,,,,,,,,", "source is empty"),
        ("Water,tablet,1 mg,oral,O,x,much,,,,,,NLEM,", "'much' is no amount such as 4000 mg"),
        ("Water,tablet,1 mg,oral,O,x,,often,,,,,NLEM,", "pregnancy: 'often' is none of: empty, caution, never"),
        ("Water,tablet,1 mg,oral,O,x,,,,young,,,NLEM,", "'young' is no age"),
        ("Water,tablet,1 mg,oral,O,x,,,,,,,NLEM,\nWater,tablet,1 mg,oral,O,x,,,,,,,NLEM,", "stands twice"),
        ("Water,tablet", "row 1"),
    ],
)
def test_a_bad_row_of_the_formulary_is_named(row: str, fault: str) -> None:
    with pytest.raises(BadFormulary, match=re.escape(fault)):
        read([HEAD, *row.split("\n")])


def test_every_bad_row_is_named_at_once() -> None:
    bad = "Water,tablet,1 mg,oral,C,x,,,,,,,NLEM,"
    with pytest.raises(BadFormulary) as refused:
        read([HEAD, bad, "Water,tablet,2 mg,oral,O,x,,,,,,,NLEM,", bad])
    assert [fault.split(" (")[0] for fault in refused.value.faults] == ["formulary row 1", "formulary row 3"]


def test_each_usual_dose_is_within_the_maximum() -> None:
    once = dosage.parse_frequency("1-0-0")
    for medicine in formulary().lines:
        if medicine.max_per_day:
            unit = medicine.max_per_day.unit
            taken = amounts.per_day(strength=medicine.strength, dose=medicine.usual_dose, frequency=once, unit=unit)
            assert taken is not None, medicine.label
            assert taken.value <= medicine.max_per_day.value, medicine.label


@pytest.mark.parametrize(
    ("words", "generics"),
    [
        ("Telma 40", {"Telmisartan"}),
        ("metformin and Ecosprin", {"Metformin", "Acetylsalicylic acid"}),
        ("insulin at night", {"Insulin soluble", "Insulin isophane", "Insulin premix 30/70", "Insulin glargine"}),
        ("some herbs", set()),
    ],
)
def test_what_a_patient_takes_is_recognised(words: str, generics: set[str]) -> None:
    assert {medicine.generic for medicine in formulary().recognise(words)} == generics


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("fever", "R50.9"),
        ("bukhar", "R50.9"),
        ("बुखार", "R50.9"),
        ("bukhaar", "R50.9"),
        ("बुख़ार", "R50.9"),
        ("viral fever", "B34.9"),
        ("sugar", "E11.9"),
        ("shugar", "E11.9"),
        ("शुगर", "E11.9"),
        ("khansi", "R05"),
        ("khaansee", "R05"),
        ("खांसी", "R05"),
        ("खाँसी", "R05"),
        ("BP", "I10"),
        ("बीपी", "I10"),
        ("pet dard", "R10.4"),
        ("kabj", "K59.0"),
        ("ghutne ka dard", "M17.9"),
        ("unchai ki bimari", "T70.2"),
        ("लू लगना", "T67.0"),
        ("J06.9", "J06.9"),
        ("j069", "J06.9"),
        ("acute pharyngitis", "J02.9"),
        ("fracture lower radius", "S52.5"),
    ],
)
def test_a_diagnosis_is_found_by_code_by_words_and_as_people_say_it(typed: str, code: str) -> None:
    assert classification().search(typed)[0].code == code


def test_the_common_diagnoses_have_lay_words_in_both_scripts() -> None:
    with COMMON.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert len(rows) >= 200
    for row in rows:
        assert re.fullmatch(r"[\u0900-\u097f0-9 ()\-]+", row["hindi"]), row
        assert re.fullmatch(r"[a-z0-9 ;\-']+", row["roman"]), row
        for word in (row["hindi"], *row["roman"].split(";"), *row["lay"].split(";")):
            assert row["code"] in [hit.code for hit in classification().search(word)], (row["code"], word)


def test_a_code_that_is_not_in_icd_10_is_unknown() -> None:
    assert classification().get("Z99.99") is None
    assert classification().get("") is None
    assert classification().get("e119") == classification().get("E11.9")


def test_searches_are_quick() -> None:
    # Target: 50 ms; measured 1 to 6 and 2. The machine may be busy with other tests.
    assert _milliseconds(formulary().search, ["par", "paractmol", "antibio", "zzzzz"]) < 50
    assert _milliseconds(classification().search, ["fe", "unspecified", "chronic kidney disease"]) < 50
