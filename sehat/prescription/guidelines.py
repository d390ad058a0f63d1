"""What may be prescribed to this patient in this consultation. Plain Python: no Django, no words for people.

Sources: Telemedicine Practice Guidelines of 25 March 2020, sections 3.7.3 and 3.7.4, as clinical.md states them; the
columns of the formulary; `interactions.csv`. Words for each rule and each way out: `findings.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sehat.consultation.rules import Mode
from sehat.prescription import amounts
from sehat.prescription.formulary import Medicine
from sehat.prescription.interactions import Interaction
from sehat.prescription.rules import Caution, MedicineList
from sehat.prescription.writing import LineWritten

TPG = "Telemedicine Practice Guidelines 2020, 3.7.4"
CHRONIC = frozenset({MedicineList.A_REFILL, MedicineList.B})
ADULT_MONTHS = 18 * 12
CROSSING = {
    "penicillin": frozenset({"penicillin", "cephalosporin"}),
    "cephalosporin": frozenset({"cephalosporin", "penicillin"}),
    "nsaid": frozenset({"nsaid", "antiplatelet", "aminosalicylate"}),
    "antiplatelet": frozenset({"nsaid", "antiplatelet", "aminosalicylate"}),
    **{
        group: frozenset({group})
        for group in (
            "sulfonamide",
            "macrolide",
            "fluoroquinolone",
            "tetracycline",
            "nitroimidazole",
            "ace inhibitor",
            "angiotensin blocker",
            "statin",
            "beta blocker",
            "proton pump inhibitor",
            "antiepileptic",
            "local anaesthetic",
            "iron",
        )
    },
}
"""Classes in which an allergy to one member is taken for an allergy to all, and the classes that it crosses to."""


class Rule(StrEnum):
    """Why a medicine is refused or doubted."""

    PROHIBITED = "prohibited"
    VIDEO = "video"
    FOLLOW_UP = "follow_up"
    IN_USE = "in_use"
    THERAPY = "therapy"
    UNCONFIRMED = "unconfirmed"
    ALLERGY = "allergy"
    ALLERGY_CLASS = "allergy_class"
    TWICE = "twice"
    TWICE_ELSEWHERE = "twice_elsewhere"
    INTERACTION = "interaction"
    MAXIMUM = "maximum"
    PREGNANCY = "pregnancy"
    PREGNANCY_UNKNOWN = "pregnancy_unknown"
    LACTATION = "lactation"
    CHILD = "child"
    KIDNEY = "kidney"


class Way(StrEnum):
    """A way out of a refusal."""

    VIDEO = "video"
    REFER = "refer"
    OTHER = "other"
    IN_PERSON = "in_person"
    NOTE_IN_USE = "note_in_use"
    CONFIRM = "confirm"
    REMOVE = "remove"
    LESS = "less"


class Pregnancy(StrEnum):
    """What is known of it."""

    NOT_ASKED = ""
    NO = "no"
    PREGNANT = "pregnant"
    LACTATING = "lactating"


@dataclass(frozen=True, slots=True)
class Allergy:
    """What the patient does not bear: the words, and the medicines of the formulary that they name."""

    words: str
    medicines: tuple[Medicine, ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the rules ask of patient and consultation."""

    mode: Mode
    follow_up: bool
    age_months: int
    confirmed: bool = True
    """Age and identity; of a minor also who of age is present."""
    may_be_pregnant: bool = False
    pregnancy: Pregnancy = Pregnancy.NOT_ASKED
    allergies: tuple[Allergy, ...] = ()
    in_use: tuple[Medicine, ...] = ()
    kidney_disease: bool = False
    interactions: tuple[Interaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that speaks of one line. `about` is what it names: an allergy, another medicine, a limit."""

    rule: Rule
    refused: bool
    source: str
    ways: tuple[Way, ...] = ()
    about: tuple[str, ...] = field(default=())

    @property
    def may_be_overruled(self) -> bool:
        """By a written reason, where AFMS allows that at all."""
        return self.rule is not Rule.PROHIBITED


def by_list(medicine: Medicine, given: Circumstances) -> list[Finding]:
    """The matrix of clinical.md: list, mode achieved, which consultation, existing therapy."""

    def refused(rule: Rule, *ways: Way) -> list[Finding]:
        return [Finding(rule, True, TPG, ways)]

    match medicine.list:
        case MedicineList.O:
            return []
        case MedicineList.A_FIRST:
            return [] if given.mode is Mode.VIDEO else refused(Rule.VIDEO, Way.VIDEO, Way.OTHER, Way.REFER)
        case MedicineList.A_REFILL:
            if not given.follow_up:
                return refused(Rule.FOLLOW_UP, Way.IN_PERSON, Way.OTHER, Way.REFER)
            used = {substance for other in given.in_use for substance in other.substances}
            return [] if medicine.substances <= used else refused(Rule.IN_USE, Way.NOTE_IN_USE, Way.OTHER, Way.REFER)
        case MedicineList.B:
            if not given.follow_up:
                return refused(Rule.FOLLOW_UP, Way.IN_PERSON, Way.OTHER, Way.REFER)
            therapy = any(other.list in CHRONIC for other in given.in_use)
            return [] if therapy else refused(Rule.THERAPY, Way.NOTE_IN_USE, Way.OTHER, Way.REFER)
        case MedicineList.PROHIBITED:
            return refused(Rule.PROHIBITED, Way.OTHER, Way.REFER)


def by_person(medicine: Medicine, given: Circumstances) -> list[Finding]:
    """Age, pregnancy, lactation, kidney, allergies; each by the formulary's columns."""
    found: list[Finding] = []

    def add(rule: Rule, refused: bool, *about: str) -> None:
        ways = (Way.OTHER, Way.REFER) if refused else ()
        found.append(Finding(rule, refused, medicine.source, ways, about))

    if not given.confirmed:
        found.append(Finding(Rule.UNCONFIRMED, True, TPG.partition(",")[0], (Way.CONFIRM,)))
    for allergy in given.allergies:
        if rule := _allergic(medicine, allergy):
            add(rule, True, allergy.words)
    if given.age_months < medicine.child_months:
        years, rest = divmod(medicine.child_months, 12)
        add(Rule.CHILD, True, str(years or rest), "months" if not years else "years")
    if given.may_be_pregnant and medicine.pregnancy is not Caution.NONE:
        if given.pregnancy is Pregnancy.PREGNANT:
            add(Rule.PREGNANCY, medicine.pregnancy is Caution.NEVER)
        elif given.pregnancy is Pregnancy.NOT_ASKED and medicine.pregnancy is Caution.NEVER:
            add(Rule.PREGNANCY_UNKNOWN, False)
    if given.pregnancy is Pregnancy.LACTATING and medicine.lactation is not Caution.NONE:
        add(Rule.LACTATION, medicine.lactation is Caution.NEVER)
    if given.kidney_disease and medicine.kidney is not Caution.NONE:
        add(Rule.KIDNEY, medicine.kidney is Caution.NEVER)
    return found


def _allergic(medicine: Medicine, allergy: Allergy) -> Rule | None:
    named = {substance for one in allergy.medicines for substance in one.substances}
    if medicine.substances & named or allergy.words.lower() in medicine.substances:
        return Rule.ALLERGY
    crossing = {group for one in allergy.medicines for group in CROSSING.get(one.group, ())}
    return Rule.ALLERGY_CLASS if medicine.group in crossing else None


def by_dose(line: LineWritten) -> list[Finding]:
    """More on a day than the stated maximum, in any step of the course."""
    most = line.medicine.max_per_day
    if most is None:
        return []
    taken = [
        amounts.per_day(strength=line.medicine.strength, dose=step.dose, frequency=step.frequency, unit=most.unit)
        for step in line.steps
    ]
    highest = max((one for one in taken if one is not None), key=lambda one: one.value, default=None)
    if highest is None or highest.value <= most.value:
        return []
    return [Finding(Rule.MAXIMUM, True, line.medicine.source, (Way.LESS, Way.OTHER), (str(highest), str(most)))]


def by_others(medicine: Medicine, others: Iterable[Medicine], given: Circumstances) -> list[Finding]:
    """Against the other lines: the same substance twice; against them and what is in use: interactions."""
    found: list[Finding] = []
    others = list(others)
    for other in others:
        if medicine.substances & other.substances:
            same = medicine.route == other.route
            rule = Rule.TWICE if same else Rule.TWICE_ELSEWHERE
            found.append(Finding(rule, same, medicine.source, (Way.REMOVE,) if same else (), (other.label,)))
    for interaction in given.interactions:
        if not interaction.concerns(medicine):
            continue
        for other in (*others, *given.in_use):
            if interaction.between(medicine, other) and not medicine.substances & other.substances:
                ways = (Way.OTHER, Way.REMOVE, Way.REFER) if interaction.never else ()
                about = (other.generic, interaction.effect, interaction.effect_hindi)
                one = Finding(Rule.INTERACTION, interaction.never, interaction.source, ways, about)
                if one not in found:
                    found.append(one)
    return found


def judge(medicine: Medicine, given: Circumstances, *, others: Iterable[Medicine] = ()) -> list[Finding]:
    """Everything that speaks of a medicine before its dose is written; refusals first."""
    found = [*by_list(medicine, given), *by_person(medicine, given), *by_others(medicine, others, given)]
    return _refusals_first(found)


def judge_line(line: LineWritten, given: Circumstances, *, others: Iterable[Medicine] = ()) -> list[Finding]:
    """Everything that speaks of a whole line; refusals first."""
    return _refusals_first([*judge(line.medicine, given, others=others), *by_dose(line)])


def judge_sheet(lines: Sequence[LineWritten], given: Circumstances) -> list[list[Finding]]:
    """For each line what speaks of it, refusals first. A sheet may be issued when none of them refuses."""
    medicines = [line.medicine for line in lines]
    return [judge_line(line, given, others=[*medicines[:at], *medicines[at + 1 :]]) for at, line in enumerate(lines)]


def _refusals_first(found: list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: not finding.refused)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A consultation of the patient before this one. A condition is its ICD-10 code, or the doctor's words."""

    doctor: int
    on: date
    mode: Mode
    conditions: tuple[str, ...]


def is_follow_up(
    *,
    doctor: int,
    conditions: Sequence[str],
    today: date,
    earlier: Iterable[Earlier],
    months: int,
    in_person_only: bool,
    seen_on: date | None = None,
) -> bool:
    """Whether this is a follow-up (guidelines, 1.3.4): same doctor, same condition, within `months`.

    An earlier video consultation counts unless only an in-person one does. `seen_on` is the day when the doctor
    states to have seen the patient in person for this condition.
    """
    if seen_on is not None and seen_on <= today <= later_by(seen_on, months):
        return True
    now = {same_condition(condition) for condition in conditions}
    return not in_person_only and any(
        one.doctor == doctor
        and one.mode is Mode.VIDEO
        and one.on <= today <= later_by(one.on, months)
        and now & {same_condition(condition) for condition in one.conditions}
        for one in earlier
    )


def same_condition(condition: str) -> str:
    """Conditions are the same in one ICD-10 category (`E11.9` and `E11.2`), or in the same words."""
    text = " ".join(condition.lower().split())
    return text[:3] if len(text) >= 3 and text[0].isalpha() and text[1:3].isdecimal() else text


def later_by(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last one of a shorter month."""
    year, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        if last <= day.day:
            try:
                return date(day.year + year, month + 1, last)
            except ValueError:
                continue
    raise ValueError(day)
