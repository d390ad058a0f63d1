"""What may be prescribed to this patient in this consultation. Plain Python: no Django, no words for people.

Sources: Telemedicine Practice Guidelines of 25 March 2020, sections 3.7.3 and 3.7.4, as clinical.md states them; the
columns of the formulary; `interactions.csv`. Words for each rule and each way out: `findings.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from sehat.consultation.rules import Mode
from sehat.prescription import amounts
from sehat.prescription.amounts import Amount
from sehat.prescription.classes import CROSSING, ONE_IS_ENOUGH, is_added_to
from sehat.prescription.formulary import Medicine
from sehat.prescription.interactions import LOCAL, Interaction, names_of
from sehat.prescription.rules import Caution, MedicineList
from sehat.prescription.writing import LineWritten

TPG = "Telemedicine Practice Guidelines 2020, 3.7.4"
TPG_EMERGENCY = "Telemedicine Practice Guidelines 2020, emergencies"
CHRONIC = frozenset({MedicineList.A_REFILL, MedicineList.B})
ADULT_MONTHS = 18 * 12
YOUNG_MONTHS = 12 * 12
"""Below it, doses go by weight."""
ELDERLY_MONTHS = 65 * 12
"""From it on the column `elderly` counts: American Geriatrics Society, Beers Criteria 2023."""


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
    ELDERLY = "elderly"
    EMERGENCY = "emergency"
    IN_USE_ALREADY = "in_use_already"
    SAME_CLASS = "same_class"
    MAXIMUM_TOGETHER = "maximum_together"
    MAXIMUM_WEEK = "maximum_week"
    MAXIMUM_CHILD = "maximum_child"
    LONG = "long"
    WEIGHT = "weight"
    WEIGHT_UNLIKELY = "weight_unlikely"
    BY_WEIGHT = "by_weight"


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
    NO_EMERGENCY = "no_emergency"
    ASK_PREGNANCY = "ask_pregnancy"
    WEIGH = "weigh"
    SELDOMER = "seldomer"


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
    weight: float = 0
    """In kg; 0 where nobody has weighed."""
    emergency: bool = False
    """Signs of an emergency were ticked, and the doctor has not found that it is none."""
    interactions: tuple[Interaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that speaks of one line. `about` is what it names: an allergy, another medicine, a limit, a fear."""

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
            therapy = any(
                other.list in CHRONIC and is_added_to(medicine.classes, other.classes) for other in given.in_use
            )
            return [] if therapy else refused(Rule.THERAPY, Way.NOTE_IN_USE, Way.OTHER, Way.REFER)
        case MedicineList.PROHIBITED:
            return refused(Rule.PROHIBITED, Way.OTHER, Way.REFER)


def by_person(medicine: Medicine, given: Circumstances) -> list[Finding]:
    """Young and old age, pregnancy, lactation, kidney, allergies; each by the formulary's columns."""
    found: list[Finding] = []

    def add(rule: Rule, refused: bool, *about: str) -> None:
        ways = (Way.OTHER, Way.REFER) if refused else ()
        found.append(Finding(rule, refused, medicine.source, ways, about))

    if given.emergency and medicine.list is not MedicineList.O:
        found.append(Finding(Rule.EMERGENCY, True, TPG_EMERGENCY, (Way.NO_EMERGENCY, Way.REFER)))
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
            found.append(Finding(Rule.PREGNANCY_UNKNOWN, True, medicine.source, (Way.ASK_PREGNANCY, Way.OTHER)))
    if given.pregnancy is Pregnancy.LACTATING and medicine.lactation is not Caution.NONE:
        add(Rule.LACTATION, medicine.lactation is Caution.NEVER)
    if given.kidney_disease and medicine.kidney is not Caution.NONE:
        add(Rule.KIDNEY, medicine.kidney is Caution.NEVER)
    if given.age_months >= ELDERLY_MONTHS and medicine.elderly is not Caution.NONE:
        add(Rule.ELDERLY, medicine.elderly is Caution.NEVER, medicine.elderly_why)
    return [*found, *_by_weight(medicine, given)]


def _by_weight(medicine: Medicine, given: Circumstances) -> list[Finding]:
    """A child is weighed before a medicine whose dose goes by weight; then the doctor reads how much that is."""
    child = medicine.child_dose
    if child is None or given.age_months >= YOUNG_MONTHS:
        return []
    if not given.weight:
        return [Finding(Rule.WEIGHT, True, medicine.source, (Way.WEIGH, Way.REFER))]
    weight = Fraction(str(given.weight))
    once = Amount(child.at_once * weight, "mg")
    liquid = amounts.measured(once, strength=medicine.strength)
    about = (f"{given.weight:g}", f"{once} ({liquid})" if liquid else str(once), str(_most_of_a_child(medicine, given)))
    found = [Finding(Rule.BY_WEIGHT, False, medicine.source, (), about)]
    if not is_likely(given.weight, months=given.age_months):
        found.append(Finding(Rule.WEIGHT_UNLIKELY, False, medicine.source, (), about[:1]))
    return found


def is_likely(weight: float, *, months: int) -> bool:
    """Whether a child of that age may weigh so many kg. Wide bounds, for slips of the pen."""
    years = months / 12
    return 1.5 + 1.3 * years <= weight <= 12 + 6 * years


def _most_of_a_child(medicine: Medicine, given: Circumstances) -> Amount | None:
    """The most on a day, by weight and never above an adult's; None where a dose does not go by weight."""
    child, adult = medicine.child_dose, medicine.max_per_day
    if child is None or given.age_months >= YOUNG_MONTHS or not given.weight:
        return None
    most = child.in_a_day * Fraction(str(given.weight))
    return Amount(min(most, adult.value) if adult and adult.unit == "mg" else most, "mg")


def _allergic(medicine: Medicine, allergy: Allergy) -> Rule | None:
    named = {substance for one in allergy.medicines for substance in one.substances}
    if medicine.substances & named or allergy.words.lower() in medicine.substances:
        return Rule.ALLERGY
    crossing = {other for one in allergy.medicines for group in one.classes for other in CROSSING.get(group, ())}
    return Rule.ALLERGY_CLASS if medicine.classes & crossing else None


def by_dose(line: LineWritten, given: Circumstances, others: Sequence[LineWritten] = ()) -> list[Finding]:
    """More on a day or in a week than the stated maximum, in any step of the course and with the same substance by
    another route; a course that is too long.
    """
    medicine = line.medicine
    found: list[Finding] = []

    def refused(rule: Rule, way: Way, *about: Amount) -> None:
        found.append(Finding(rule, True, medicine.source, (way, Way.OTHER), tuple(str(one) for one in about)))

    if (most := medicine.max_per_day) and (taken := _on_a_day(line, most.unit)):
        same = [one for one in others if one.medicine.substances == medicine.substances]
        together = Amount(sum((_on_a_day(one, most.unit).value for one in same), taken.value), most.unit)
        if taken.value > most.value:
            refused(Rule.MAXIMUM, Way.LESS, taken, most)
        elif together.value > most.value:
            refused(Rule.MAXIMUM_TOGETHER, Way.LESS, together, most)
    if (most := _most_of_a_child(medicine, given)) and (taken := _on_a_day(line, most.unit)).value > most.value:
        refused(Rule.MAXIMUM_CHILD, Way.LESS, taken, most)
    if (most := medicine.max_per_week) and (taken := _in_a_week(line, most.unit)).value > most.value:
        refused(Rule.MAXIMUM_WEEK, Way.SELDOMER, taken, most)
    if medicine.max_days and line.days_in_all > medicine.max_days:
        about = (str(line.days_in_all), str(medicine.max_days))
        found.append(Finding(Rule.LONG, False, medicine.source, (), about))
    return found


def _on_a_day(line: LineWritten, unit: str) -> Amount:
    """The most that is taken on a day of the course; nothing where it cannot be said."""
    taken = (
        amounts.per_day(strength=line.medicine.strength, dose=step.dose, frequency=step.frequency, unit=unit)
        for step in line.steps
    )
    return Amount(max((one.value for one in taken if one is not None), default=Fraction(0)), unit)


def _in_a_week(line: LineWritten, unit: str) -> Amount:
    """The most that is taken in seven days of one step; nothing where it cannot be said."""
    days = max(step.frequency.intake_days(min(step.days, 7)) for step in line.steps)
    return Amount(_on_a_day(line, unit).value * days, unit)


def by_others(medicine: Medicine, others: Iterable[Medicine], given: Circumstances) -> list[Finding]:
    """Against the other lines: the same substance twice; against them and what is in use: interactions."""
    found: list[Finding] = []
    others = list(others)
    for other in others:
        if medicine.substances & other.substances:
            same = medicine.route == other.route
            rule = Rule.TWICE if same else Rule.TWICE_ELSEWHERE
            found.append(Finding(rule, same, medicine.source, (Way.REMOVE,) if same else (), (other.label,)))
    names, beside = names_of(medicine), [(other, names_of(other)) for other in (*others, *given.in_use)]
    for interaction in given.interactions:
        if not interaction.concerns(names):
            continue
        for other, its_names in beside:
            if interaction.between(names, its_names) and not medicine.substances & other.substances:
                ways = (Way.OTHER, Way.REMOVE, Way.REFER) if interaction.never else ()
                about = (other.generic, interaction.effect, interaction.effect_hindi)
                one = Finding(Rule.INTERACTION, interaction.never, interaction.source, ways, about)
                if one not in found:
                    found.append(one)
    return [*found, *_doubled(medicine, others, given)]


def _doubled(medicine: Medicine, others: Sequence[Medicine], given: Circumstances) -> list[Finding]:
    """What is taken already and is no refill; another of a class of which one is enough."""
    found: dict[tuple[Rule, str], Finding] = {}

    def add(rule: Rule, other: Medicine, *about: str) -> None:
        found.setdefault((rule, other.generic), Finding(rule, False, medicine.source, (), (other.generic, *about)))

    for other in (*others, *given.in_use):
        if medicine.substances & other.substances:
            if medicine.list not in CHRONIC and other not in others and medicine.route == other.route:
                add(Rule.IN_USE_ALREADY, other)
        elif medicine.route == other.route and medicine.route not in LOCAL:
            for group in sorted(medicine.classes & other.classes & ONE_IS_ENOUGH):
                add(Rule.SAME_CLASS, other, group)
    return list(found.values())


def judge(medicine: Medicine, given: Circumstances, *, others: Iterable[Medicine] = ()) -> list[Finding]:
    """Everything that speaks of a medicine before its dose is written; refusals first."""
    found = [*by_list(medicine, given), *by_person(medicine, given), *by_others(medicine, others, given)]
    return _refusals_first(found)


def judge_line(line: LineWritten, given: Circumstances, *, others: Sequence[LineWritten] = ()) -> list[Finding]:
    """Everything that speaks of a whole line; refusals first."""
    found = judge(line.medicine, given, others=[other.medicine for other in others])
    doses = [] if any(one.rule is Rule.PROHIBITED for one in found) else by_dose(line, given, others)
    return _refusals_first([*found, *doses])


def judge_sheet(lines: Sequence[LineWritten], given: Circumstances) -> list[list[Finding]]:
    """For each line what speaks of it, refusals first. A sheet may be issued when none of them refuses."""
    return [judge_line(line, given, others=[*lines[:at], *lines[at + 1 :]]) for at, line in enumerate(lines)]


def _refusals_first(found: list[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: not finding.refused)
