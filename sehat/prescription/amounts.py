"""How much of a substance: in a strength, in a dose, in a day. Plain Python."""

import re
from dataclasses import dataclass
from fractions import Fraction

from sehat.prescription.dosage import Frequency, dose_units

_NUMBER = r"\d+(?:\.\d+)?"
_IN_MG = {"mg": Fraction(1), "mcg": Fraction(1, 1000), "g": Fraction(1000)}
_AMOUNT = re.compile(rf"({_NUMBER})\s*([A-Za-z]+)")
_PER_ML = re.compile(rf"/\s*({_NUMBER})?\s*ml$")
_FOR_A_CHILD = re.compile(rf"({_NUMBER}) mg/kg; ({_NUMBER}) mg/kg a day")
_AGE = re.compile(r"(\d+) (month|year)s?")


@dataclass(frozen=True, slots=True)
class Amount:
    """So many of a unit: `mg`, `IU`, `ml`, or a piece such as `tablet`."""

    value: Fraction
    unit: str

    def __str__(self) -> str:
        return f"{float(self.value):g} {self.unit}"


@dataclass(frozen=True, slots=True)
class ByWeight:
    """What a child takes for each kilogram of its weight: usually at one time, and at most in a day, in mg."""

    at_once: Fraction
    in_a_day: Fraction


def by_weight(text: str) -> ByWeight | None:
    """`15 mg/kg; 60 mg/kg a day`; None for an empty one. Raises ValueError for anything else."""
    if not text:
        return None
    found = _FOR_A_CHILD.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no child's dose such as 15 mg/kg; 60 mg/kg a day")
    return ByWeight(Fraction(found[1]), Fraction(found[2]))


def read(text: str) -> Amount:
    """`4 g` → 4000 mg, `60 ml`, `3 tablet`. Raises ValueError for anything else."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no amount such as 4000 mg")
    return _in_usual_unit(Fraction(found[1]), found[2])


def _in_usual_unit(value: Fraction, unit: str) -> Amount:
    return Amount(value * _IN_MG[unit], "mg") if unit in _IN_MG else Amount(value, unit)


def months(text: str) -> int:
    """An age (`2 years`, `6 months`) in months; 0 for an empty one. Raises ValueError for anything else."""
    if not text:
        return 0
    found = _AGE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no age such as 2 years or 6 months")
    return int(found[1]) * (12 if found[2] == "year" else 1)


def days(text: str) -> int:
    """A number of days; 0 for an empty one. Raises ValueError for anything else."""
    if text and not text.isdecimal():
        raise ValueError(f"{text!r} is no number of days such as 5")
    return int(text or 0)


def of_strength(strength: str) -> Amount | None:
    """What one piece, or one millilitre, holds: `500 mg`, `125 mg/5 ml` → 25 mg, `500 mg + 125 mg` → 625 mg.

    None where it cannot be summed up: a percentage, `standard`, mg and IU together.
    """
    per_ml = _PER_ML.search(strength)
    parts = _PER_ML.sub("", strength).split("+")
    found = [_AMOUNT.fullmatch(part.strip()) for part in parts]
    amounts = [_in_usual_unit(Fraction(one[1]), one[2]) for one in found if one]
    if len(amounts) != len(parts) or len({amount.unit for amount in amounts}) != 1:
        return None
    millilitres = Fraction(per_ml[1] or 1) if per_ml else Fraction(1)
    return Amount(sum((amount.value for amount in amounts), Fraction(0)) / millilitres, amounts[0].unit)


def pieces(dose: str, *, strength: str) -> Fraction | None:
    """How many tablets (or other pieces) make `30 mg`: 3 of 10 mg; a half of a half is the finest that is cut.

    None where it cannot be said: another unit, two substances in one piece, or no whole number of quarters.
    """
    try:
        wanted = read(dose)
    except ValueError:
        return None
    one = of_strength(strength)
    if one is None or not one.value or one.unit != wanted.unit or "+" in strength or "/" in strength:
        return None
    found = wanted.value / one.value
    return found if found > 0 and (found * 4).denominator == 1 else None


def measured(amount: Amount, *, strength: str) -> Amount | None:
    """How many millilitres hold it: 180 mg of 125 mg/5 ml are 7.2 ml; None for what is not measured in millilitres."""
    one = of_strength(strength)
    if one is None or not one.value or one.unit != amount.unit or not _PER_ML.search(strength):
        return None
    return Amount(Fraction(round(amount.value / one.value * 10), 10), "ml")


def per_day(*, strength: str, dose: str, frequency: Frequency, unit: str) -> Amount | None:
    """What is taken on a day, in the unit that the maximum is stated in; None where it cannot be said."""
    times, units = frequency.units_per_day, dose_units(dose)
    if units is None:
        return None
    is_liquid = dose.rstrip().endswith("ml")
    if unit == "ml":
        return Amount(units * times, "ml") if is_liquid else None
    one = of_strength(strength)
    if one is not None and one.unit == unit:
        # Drops are counted, not measured: how much is in one is not known.
        if bool(_PER_ML.search(strength)) is not is_liquid:
            return None
        return Amount(one.value * units * times, unit)
    return Amount(units * times, unit) if dose.rstrip("s").endswith(unit) else None
