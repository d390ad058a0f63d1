"""The formulary as a physician reads it: what was corrected in review stays corrected.

Sources stand in the table's own column: BNF and BNFC, NLEM 2022, the MHRA's and EMA's warnings, the NDPS Act.
"""

import re
from collections import defaultdict
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from sehat.prescription.findings import tell
from sehat.prescription.formulary import Medicine, formulary
from sehat.prescription.guidelines import Allergy, Circumstances, Finding, Pregnancy, Rule, judge_sheet
from sehat.prescription.interactions import LOCAL
from sehat.prescription.rules import Fear, MedicineList
from tests.prescription.test_guidelines import ADULT, WHOLE, medicine, rules, written

AGAIN = replace(ADULT, follow_up=True)


def taking(words: str) -> Circumstances:
    """Somebody in a follow-up who takes these already."""
    return replace(AGAIN, in_use=tuple(formulary().recognise(words)))


def test_a_brand_that_names_a_strength_names_its_own() -> None:
    """*Envas 10* has to find 10 mg first, and never 2.5 mg."""
    named = re.compile(r"[a-z)] (\d+(?:\.\d+)?)$", re.IGNORECASE)
    other_numbers = {"Doxy 1", "Moxikind CV 1000", "Unwanted 72"}  # grams; both substances; hours
    wrong = [
        f"{one.label}: {alias}"
        for one in formulary().lines
        for alias in one.aliases
        if alias not in other_numbers
        and (found := named.search(alias))
        and not re.search(rf"\b{found[1]}\b", one.strength)
    ]
    assert wrong == []


def test_no_brand_is_two_substances() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for one in WHOLE.values():
        for alias in one.aliases:
            owners[alias.lower()].add(one.generic)
    assert {alias: names for alias, names in owners.items() if len(names) > 1} == {}


@pytest.mark.parametrize(
    ("brand", "generic"),
    [
        ("Methylcobal", "Methylcobalamin"),
        ("Nurokind", "Methylcobalamin"),
        ("Shelcal", "Calcium carbonate and cholecalciferol"),
        ("Envas 10", "Enalapril"),
        ("Xarelto", "Rivaroxaban"),
        ("Frusemide", "Furosemide"),
        ("Torsemide", "Torasemide"),
        ("Acetaminophen", "Paracetamol"),
        ("Nitroglycerin", "Glyceryl trinitrate"),
        ("Lithium", "Lithium carbonate"),
    ],
)
def test_a_brand_is_what_its_box_says(brand: str, generic: str) -> None:
    assert formulary().search(brand)[0].generic == generic


@pytest.mark.parametrize("brand", ["Depo Medrol", "Strepsils", "Econorm", "Nebasulf", "Theo Asthalin", "Proctosedyl"])
def test_what_is_something_else_is_found_under_no_wrong_name(brand: str) -> None:
    """An injection, other substances, a yeast, a sulfa powder, combinations: none of them is in the formulary."""
    assert [one for one in formulary().search(brand) if brand in one.aliases] == []


PROHIBITED = [one for one in WHOLE.values() if one.list is MedicineList.PROHIBITED]


@pytest.mark.parametrize("one", PROHIBITED, ids=lambda one: one.code)
def test_what_is_prohibited_is_known_and_never_found(one: Medicine) -> None:
    assert one in formulary().recognise(one.generic)
    assert formulary().get(one.code) is None
    for name in (one.generic, *one.aliases):
        assert one not in formulary().search(name)


@pytest.mark.parametrize(
    ("typed", "generic"),
    [("alprazo", "Alprazolam"), ("Ultracet", "Tramadol and paracetamol"), ("MORPHINE tablet 10 mg", "Morphine")],
)
def test_a_doctor_is_told_why_what_is_prohibited_is_not_found(
    doctors_browser: Client, typed: str, generic: str
) -> None:
    address = reverse("prescription:search_medicines")
    page = doctors_browser.get(address, {"q": typed}).content.decode()
    assert 'role="option"' not in page
    assert f"{generic.upper()} " in page
    assert "is prohibited: never by tele-consultation." in page
    doctors_browser.cookies["django_language"] = "hi"
    assert "निषिद्ध है" in doctors_browser.get(address, {"q": typed}).content.decode()
    for other in ("parac", "xyzzy", "alp"):
        assert "data-why" not in doctors_browser.get(address, {"q": other}).content.decode()


@pytest.mark.parametrize(
    "brand",
    ["Ultracet", "Lomotil", "Librax", "Etizola", "Nexito Plus", "Petril Beta", "Corex", "Alprax", "Spasmo Proxyvon"],
)
def test_narcotics_and_psychotropics_of_the_ndps_act_are_prohibited_in_combinations_too(brand: str) -> None:
    found = formulary().recognise(brand)
    assert MedicineList.PROHIBITED in {one.list for one in found}


def test_no_antibiotic_psychiatric_or_injected_medicine_is_on_list_o() -> None:
    never = {
        "penicillin", "cephalosporin", "macrolide", "fluoroquinolone", "tetracycline", "sulfonamide", "nitroimidazole",
        "lincosamide", "aminoglycoside", "antibiotic", "ssri", "antidepressant", "antipsychotic", "antiepileptic",
        "mood stabiliser", "insulin", "anticoagulant", "opioid", "benzodiazepine", "nsaid", "corticosteroid",
    }  # fmt: skip
    listed = [one for one in WHOLE.values() if one.list is MedicineList.O]
    assert [one.label for one in listed if one.classes & never or one.form == "injection"] == []


def test_an_antibiotic_by_mouth_needs_video_at_the_first_visit() -> None:
    by_mouth = {
        "penicillin",
        "cephalosporin",
        "macrolide",
        "fluoroquinolone",
        "tetracycline",
        "sulfonamide",
        "nitroimidazole",
    }
    for one in formulary().lines:
        if one.group in by_mouth and one.route == "oral":
            assert one.list in {MedicineList.A_FIRST, MedicineList.A_REFILL}, one.label


NSAIDS = [one for one in formulary().lines if "nsaid" in one.classes and one.route not in LOCAL]


@pytest.mark.parametrize("one", NSAIDS, ids=lambda one: one.code)
def test_no_painkiller_of_that_kind_in_pregnancy_or_with_kidney_disease(one: Medicine) -> None:
    code = one.code
    woman = replace(ADULT, may_be_pregnant=True, pregnancy=Pregnancy.PREGNANT)
    assert rules(code, woman)[Rule.PREGNANCY] is True
    assert rules(code, replace(woman, pregnancy=Pregnancy.NOT_ASKED))[Rule.PREGNANCY_UNKNOWN] is True
    assert rules(code, replace(ADULT, kidney_disease=True))[Rule.KIDNEY] is True


OLD = replace(ADULT, age_months=78 * 12)
TO_MIND = {
    Fear.CONFUSION: "Chlorpheniramine, Pheniramine, Promethazine, Doxylamine and pyridoxine, Dicyclomine, "
    "Hyoscine butylbromide, Oxybutynin, Flavoxate, Trihexyphenidyl, Amitriptyline, Nortriptyline",
    Fear.SUGAR: "Glimepiride, Glimepiride and metformin, Glibenclamide",
    Fear.STIFFNESS: "Metoclopramide, Prochlorperazine, Cinnarizine, Flunarizine",
    Fear.DROWSINESS: "Tizanidine, Methyldopa",
    Fear.PRESSURE: "Nifedipine",
    Fear.DOSE: "Digoxin",
    Fear.KIDNEYS: "Nitrofurantoin",
    Fear.BLEEDING: "Rivaroxaban, Dabigatran",
    Fear.PREVENTION: "Acetylsalicylic acid",
    Fear.DEMENTIA: "Olanzapine, Risperidone",
    Fear.OIL: "Liquid paraffin and milk of magnesia",
}
NOT_TO_GIVE = {"Hydroxyzine": Fear.CONFUSION}
NOTHING_BETTER = (
    "Paracetamol, Cetirizine, Levocetirizine, Loratadine, Fexofenadine, Amlodipine, Telmisartan, Enalapril, "
    "Metoprolol, Hydrochlorothiazide, Metformin, Gliclazide, Sitagliptin, Dapagliflozin, Insulin glargine, "
    "Atorvastatin, Clopidogrel, Clopidogrel and acetylsalicylic acid, Apixaban, Warfarin, Levothyroxine, "
    "Tamsulosin, Ondansetron, Domperidone, Mebeverine, Drotaverine, Omeprazole, Pantoprazole, Lactulose, "
    "Ispaghula husk, Sertraline, Escitalopram, Levodopa and carbidopa, Donepezil, Betahistine, Amoxicillin, "
    "Azithromycin, Salbutamol, Tiotropium, Prednisolone, Allopurinol, Baclofen"
)


def _lines_of(generic: str) -> list[Medicine]:
    found = [one for one in formulary().lines if one.generic == generic and one.route not in LOCAL]
    assert found, generic
    return found


def test_what_the_beers_criteria_and_stopp_name_is_told_from_65_years_on() -> None:
    """With what there is to fear; nothing is refused but what is never better than something else at hand.

    Who has taken glibenclamide for years is not left without: nothing in its place may be begun here.
    """
    told = {generic: fear for fear, names in TO_MIND.items() for generic in names.split(", ")}
    painkillers = {one.generic: Fear.STOMACH for one in NSAIDS}
    for generic, fear in (told | painkillers | NOT_TO_GIVE).items():
        for one in _lines_of(generic):
            assert rules(one.code, OLD).get(Rule.ELDERLY) is (generic in NOT_TO_GIVE), one.label
            assert one.elderly_why is fear, one.label
            assert "from 65 years" in one.source, one.label
    assert {one.generic for one in WHOLE.values() if one.elderly} == (told | painkillers | NOT_TO_GIVE).keys()


def test_an_old_patient_is_not_warned_of_everything() -> None:
    for generic in NOTHING_BETTER.split(", "):
        assert [one.label for one in _lines_of(generic) if one.elderly] == []
    marked = [one for one in formulary().lines if one.elderly]
    assert len(marked) < len(formulary().lines) / 7
    # What is put on skin, eye or nose, or breathed in, reaches the rest of the body too little.
    assert [one.label for one in marked if one.route in LOCAL] == []


@pytest.mark.parametrize("fear", Fear)
def test_each_fear_is_said_in_both_languages(fear: Fear) -> None:
    said = set()
    for refused in (True, False):
        for language in ("en", "hi"):
            with override(language):
                said.add(tell(Finding(Rule.ELDERLY, refused, "Beers", (), (fear,))).why)
    assert len(said) == 4
    assert all("65" in words and "%" not in words for words in said)


@pytest.mark.parametrize(
    ("words", "code", "rule"),
    [
        ("Ibuprofen", "acetylsalicylic-acid-tablet-75-mg", Rule.ALLERGY_CLASS),
        ("Aspirin", "diclofenac-tablet-50-mg", Rule.ALLERGY_CLASS),
        ("painkiller", "naproxen-tablet-500-mg", Rule.ALLERGY),
        ("Aspirin", "clopidogrel-tablet-75-mg", None),  # its stent is not to be left without
        ("Ibuprofen", "clopidogrel-tablet-75-mg", None),
        ("Aspirin", "clopidogrel-and-acetylsalicylic-acid-tablet-75-mg-75-mg", Rule.ALLERGY),
        ("Neosporin", "gentamicin-eye-drops-0.3-%", Rule.ALLERGY_CLASS),
        ("Soframycin", "tobramycin-eye-drops-0.3-%", Rule.ALLERGY_CLASS),
        ("Soframycin", "mupirocin-ointment-2-%", None),
        ("penicillin", "cefixime-tablet-200-mg", Rule.ALLERGY_CLASS),
        ("sulfa", "sulfasalazine-tablet-500-mg", Rule.ALLERGY),
    ],
)
def test_allergies_cross_within_their_kind_and_no_farther(words: str, code: str, rule: Rule | None) -> None:
    one = medicine(code)
    patient = replace(AGAIN, in_use=(one,), allergies=(Allergy(words, tuple(formulary().recognise(words))),))
    found = rules(code, patient)
    assert {name for name, refused in found.items() if refused} == ({rule} if rule else set())


@pytest.mark.parametrize(
    ("code", "in_use", "refused"),
    [
        ("ibuprofen-tablet-400-mg", "Methotrexate weekly", True),
        ("sulfamethoxazole-and-trimethoprim-tablet-800-mg-160-mg", "Folitrax", True),
        ("ibuprofen-tablet-400-mg", "Xarelto", True),
        ("ibuprofen-tablet-400-mg", "Ecosprin", False),
        ("ibuprofen-tablet-400-mg", "Lasix", False),
        ("sertraline-tablet-50-mg", "Ultracet", True),
        ("amitriptyline-tablet-10-mg", "Tramadol", False),
        ("cetirizine-tablet-10-mg", "Alprax 0.5", False),
        ("clarithromycin-tablet-500-mg", "Colchicine", True),
        ("clarithromycin-tablet-500-mg", "Atorva", True),
        ("clarithromycin-tablet-500-mg", "Lanoxin", True),
        ("clarithromycin-tablet-500-mg", "Tegretol", True),
        ("sulfamethoxazole-and-trimethoprim-tablet-800-mg-160-mg", "Telma 40", False),
        ("sulfamethoxazole-and-trimethoprim-tablet-800-mg-160-mg", "Aldactone", True),
        ("potassium-chloride-solution-1.5-g-15-ml", "Enalapril", True),
        ("tadalafil-tablet-10-mg", "Sorbitrate", True),
        ("sildenafil-tablet-50-mg", "Nicorandil", True),
        ("telmisartan-tablet-40-mg", "Lithium", True),
        ("allopurinol-tablet-100-mg", "Azathioprine", True),
        ("febuxostat-tablet-40-mg", "Imuran", True),
        ("apixaban-tablet-5-mg", "Warfarin", True),
        ("domperidone-tablet-10-mg", "Nexito", True),
        ("azithromycin-tablet-500-mg", "HCQS", False),
        ("levofloxacin-tablet-500-mg", "Amaryl", False),
        ("ciprofloxacin-tablet-500-mg", "Shelcal", False),
        ("dextromethorphan-syrup-10-mg-5-ml", "Fludac", False),
        ("sulfasalazine-tablet-500-mg", "Warfarin", None),
    ],
)
def test_major_interactions_with_what_is_taken_already(code: str, in_use: str, refused: bool | None) -> None:
    """Also with what may not be prescribed here, as another doctor may have given it."""
    patient = taking(in_use)
    assert patient.in_use, in_use
    assert rules(code, patient).get(Rule.INTERACTION) is refused


CO_AMOXICLAV = "amoxicillin-and-clavulanic-acid-suspension-200-mg-28.5-mg-5-ml"
CO_TRIMOXAZOLE = "sulfamethoxazole-and-trimethoprim-suspension-200-mg-40-mg-5-ml"
TODDLER = replace(ADULT, age_months=3 * 12, weight=14)


@pytest.mark.parametrize(
    ("code", "frequency", "dose", "patient", "rule"),
    [
        ("chlorpheniramine-syrup-2-mg-5-ml", "1-1-1", "2.5 ml", TODDLER, None),
        ("chlorpheniramine-syrup-2-mg-5-ml", "1-1-1", "10 ml", TODDLER, Rule.MAXIMUM_CHILD),
        ("cetirizine-syrup-5-mg-5-ml", "0-0-1", "5 ml", TODDLER, None),
        ("cetirizine-syrup-5-mg-5-ml", "1-0-1", "5 ml", TODDLER, Rule.MAXIMUM_CHILD),
        (CO_AMOXICLAV, "1-0-1", "7.5 ml", TODDLER, None),
        (CO_AMOXICLAV, "1-1-1", "10 ml", TODDLER, Rule.MAXIMUM_CHILD),
        (CO_TRIMOXAZOLE, "1-1-1", "10 ml", TODDLER, Rule.MAXIMUM_CHILD),
        ("chloroquine-tablet-250-mg", "2-0-0", "1 tablet", TODDLER, Rule.MAXIMUM_CHILD),
        ("amoxicillin-and-clavulanic-acid-tablet-500-mg-125-mg", "1-0-1", "", TODDLER, Rule.CHILD),
        ("ibuprofen-and-paracetamol-tablet-400-mg-325-mg", "1-0-0", "", TODDLER, Rule.CHILD),
        ("artemether-and-lumefantrine-tablet-80-mg-480-mg", "1-0-1", "", TODDLER, Rule.CHILD),
        ("paracetamol-drops-100-mg-ml", "1-0-0", "1 ml", replace(TODDLER, age_months=1, weight=4), Rule.CHILD),
        ("ibuprofen-and-paracetamol-tablet-400-mg-325-mg", "1-1-1", "", ADULT, None),
        ("ibuprofen-and-paracetamol-tablet-400-mg-325-mg", "1-1-1-1", "", ADULT, Rule.MAXIMUM),
        ("ferrous-salt-syrup-20-mg-iron-ml", "1-1-1", "5 ml", ADULT, Rule.MAXIMUM),
        ("tiotropium-inhaler-9-mcg", "1-0-0", "2 puffs", taking("Tiova"), None),
        ("tiotropium-inhaler-9-mcg", "1-0-1", "2 puffs", taking("Tiova"), Rule.MAXIMUM),
        ("ormeloxifene-tablet-30-mg", "1-0-0", "", taking("Saheli"), Rule.MAXIMUM_WEEK),
        ("glibenclamide-tablet-5-mg", "1-0-0", "", replace(taking("Daonil"), kidney_disease=True), Rule.KIDNEY),
    ],
)  # fmt: skip
def test_doses_and_people(code: str, frequency: str, dose: str, patient: Circumstances, rule: Rule | None) -> None:
    (found,) = judge_sheet([written(code, frequency, dose=dose)], patient)
    assert {one.rule for one in found if one.refused} == ({rule} if rule else set())


def test_a_liquid_antibiotic_for_children_goes_by_weight() -> None:
    for one in formulary().lines:
        if one.form in {"syrup", "suspension", "drops"} and one.route == "oral" and one.list is MedicineList.A_FIRST:
            anti = one.group in {
                "penicillin",
                "cephalosporin",
                "macrolide",
                "sulfonamide",
                "nitroimidazole",
                "antiviral",
            }
            assert not anti or one.child_dose, one.label
