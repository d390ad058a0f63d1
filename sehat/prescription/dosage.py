"""How a medicine is taken: how much at one time, how often, how long, and what the store hands out for it.
Plain Python.

Source: clinical.md, "What a prescription holds".
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil

MAX_PIECES = 10
"""Most tablets (or pieces of any kind) at one time; more is a slip of the pen."""

MAX_MILLILITRES = 100
"""Most millilitres at one time."""


class Food(StrEnum):
    """When to take a medicine, as to meals."""

    ANY = ""
    AFTER = "after"
    BEFORE = "before"
    WITH = "with"
    EMPTY = "empty"


_NONE = Fraction(0)


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often in a day. Units at the four times of the day, or every so many hours, or as needed with a
    maximum.

    `interval_days` is 1 for daily, 2 for alternate days, 7 for weekly, 0 for once only.
    """

    slots: tuple[Fraction, Fraction, Fraction, Fraction] = (_NONE, _NONE, _NONE, _NONE)
    """Units in the morning, at noon, at night and at bedtime."""
    every_hours: int = 0
    as_needed: bool = False
    max_per_day: int = 0
    interval_days: int = 1

    @property
    def units_per_day(self) -> Fraction:
        """Units taken on a day of intake; for "as needed", the most that may be taken."""
        if self.as_needed:
            return Fraction(self.max_per_day)
        if self.every_hours:
            return Fraction(24 // self.every_hours)
        return sum(self.slots, Fraction(0))

    def intake_days(self, days: int) -> int:
        """Days of a course of `days` on which something is taken."""
        return 1 if self.interval_days == 0 else ceil(days / self.interval_days)

    def __str__(self) -> str:
        if self.as_needed:
            return f"SOS, max {self.max_per_day}"
        if self.every_hours:
            return f"every {self.every_hours} h"
        slots = self.slots if self.slots[3] else self.slots[:3]
        times = "-".join(written(units) for units in slots)
        return {0: f"{times} once only", 1: times, 7: f"{times} weekly"}.get(
            self.interval_days, f"{times} alternate days"
        )


def written(units: Fraction) -> str:
    """`1`, `½`, `1½`, `2.5`: units as a doctor writes them."""
    halves = {Fraction(1, 2): "½", Fraction(1, 4): "¼", Fraction(3, 4): "¾"}
    whole, rest = divmod(units, 1)
    if rest == 0:
        return str(whole)
    if rest in halves:
        return (str(whole) if whole else "") + halves[rest]
    return f"{float(units):g}"


def _slots(morning: int, noon: int, night: int, bedtime: int = 0, *, interval_days: int = 1) -> Frequency:
    slots = (Fraction(morning), Fraction(noon), Fraction(night), Fraction(bedtime))
    return Frequency(slots, interval_days=interval_days)


# Words of doctors for the times of a day, in Latin, English and Hindi; spaces and dots are taken out before
# the look-up.
_WORDS = {
    **dict.fromkeys(
        ("od", "qd", "onceaday", "oncedaily", "once", "daily", "दिनमेंएकबार", "एकबार", "सुबह", "morning", "om"),
        _slots(1, 0, 0),
    ),
    **dict.fromkeys(("noon", "afternoon", "दोपहर"), _slots(0, 1, 0)),
    **dict.fromkeys(("night", "on", "atnight", "रात", "रातको"), _slots(0, 0, 1)),
    **dict.fromkeys(("hs", "bedtime", "atbedtime", "qhs", "सोतेसमय", "सोनेसेपहले"), _slots(0, 0, 0, 1)),
    **dict.fromkeys(("bd", "bid", "twiceaday", "twicedaily", "twice", "दिनमेंदोबार", "दोबार"), _slots(1, 0, 1)),
    **dict.fromkeys(
        ("tds", "tid", "thriceaday", "thricedaily", "threetimesaday", "thrice", "दिनमेंतीनबार", "तीनबार"),
        _slots(1, 1, 1),
    ),
    **dict.fromkeys(("qid", "qds", "fourtimesaday", "fourtimes", "दिनमेंचारबार", "चारबार"), _slots(1, 1, 1, 1)),
    **dict.fromkeys(("stat", "onceonly", "single", "singledose", "अभी"), _slots(1, 0, 0, interval_days=0)),
    **dict.fromkeys(
        ("weekly", "onceaweek", "onceweekly", "weeklyonce", "हफ़्तेमेंएकबार", "हफ्तेमेंएकबार"),
        _slots(1, 0, 0, interval_days=7),
    ),
    **dict.fromkeys(
        ("alternatedays", "alternateday", "everyotherday", "eod", "qod", "एकदिनछोड़कर"),
        _slots(1, 0, 0, interval_days=2),
    ),
}

SUGGESTED_FREQUENCIES = (
    "1-0-1",
    "1-1-1",
    "1-0-0",
    "0-0-1",
    "0-0-0-1",
    "1-1-1-1",
    "SOS, max 3",
    "every 6 h",
    "1-0-0 weekly",
    "1-0-0 once only",
)
"""What the form offers; each is understood by `parse_frequency`."""

_UNIT = r"(?:\d+(?:\.\d+)?(?:/\d+)?[½¼¾]?|[½¼¾])"
_TIMES = re.compile(rf"({_UNIT})[-–\s+,xX]+({_UNIT})[-–\s+,xX]+({_UNIT})(?:[-–\s+,xX]+({_UNIT}))?")
_HOURS = re.compile(
    r"(?:every|q|हर)\s*(\d{1,2})\s*(?:h|hr|hrs|hour|hours|hourly|घंटे|घण्टे)\.?|(\d{1,2})\s*(?:hourly|hrly)"
)
_AS_NEEDED = re.compile(r"\b(?:sos|prn|as needed|if needed|when needed)\b|ज़रूरत|जरूरत")
_MAXIMUM = re.compile(r"(\d{1,2})")
_INTERVALS = (
    (0, re.compile(r"\s*(?:once only|stat|single dose|only once)$")),
    (7, re.compile(r"\s*(?:weekly|once a week|a week|/\s*week)$")),
    (2, re.compile(r"\s*(?:alternate days?|every other day|eod)$")),
)
DEFAULT_AS_NEEDED_MAX = 3
"""Most intakes a day when a doctor writes SOS with no number."""


def _units(text: str) -> Fraction:
    marks = {"½": Fraction(1, 2), "¼": Fraction(1, 4), "¾": Fraction(3, 4)}
    rest = marks.get(text[-1], Fraction(0))
    number = text.rstrip("".join(marks))
    return (Fraction(number) if number else Fraction(0)) + rest


def parse_frequency(text: str) -> Frequency:
    """Understand a frequency as doctors write it: `1-0-1`, `½-0-½`, `1 0 1 1`, `BD`, `SOS max 3`, `every 6
    hours`, `1-0-0 weekly`.

    Raises ValueError when it is not understood, is nothing at all (`0-0-0`), or is more than ten units at
    once.
    """
    clean = " ".join(text.strip().lower().split())
    if not clean or len(clean) > 60:
        raise ValueError(text)
    if _AS_NEEDED.search(clean):
        found = _MAXIMUM.search(clean)
        maximum = int(found[1]) if found else DEFAULT_AS_NEEDED_MAX
        if not 1 <= maximum <= 12:
            raise ValueError(text)
        return Frequency(as_needed=True, max_per_day=maximum)
    if found := _HOURS.fullmatch(clean):
        hours = int(found[1] or found[2])
        if hours not in (2, 3, 4, 6, 8, 12, 24):
            raise ValueError(text)
        return Frequency(every_hours=hours)
    if word := _WORDS.get(re.sub(r"[\s.\-]", "", clean)):
        return word
    interval = 1
    for days, pattern in _INTERVALS:
        shorter = pattern.sub("", clean)
        if shorter != clean:
            clean, interval = shorter, days
            break
    if found := _TIMES.fullmatch(clean):
        try:
            morning, noon, night, bedtime = (_units(unit) if unit else _NONE for unit in found.groups())
        except ZeroDivisionError:
            raise ValueError(text) from None
        slots = (morning, noon, night, bedtime)
        if any(slots) and max(slots) <= MAX_PIECES:
            return Frequency(slots, interval_days=interval)
    raise ValueError(text)


@dataclass(frozen=True, slots=True)
class FormOfMedicine:
    """What a form of medicine is counted in: the dose at one time, and what the store hands out."""

    dose: str
    counted_in: str
    packed: bool
    """Handed out as one whole pack (tube, bottle, inhaler), not counted by the dose."""


_PIECE = {
    form: FormOfMedicine(f"1 {form}", form, packed=False)
    for form in (
        *("tablet", "capsule", "sachet", "suppository", "vaginal tablet", "lozenge"),
        *("sublingual tablet", "inhalation capsule"),
    )
}
_LIQUID = {form: FormOfMedicine("5 ml", "ml", packed=False) for form in ("syrup", "suspension", "solution")}
_PACKED = {
    "drops": FormOfMedicine("1 ml", "bottle", packed=True),
    "eye drops": FormOfMedicine("1 drop", "bottle", packed=True),
    "eye ointment": FormOfMedicine("thin line", "tube", packed=True),
    "ear drops": FormOfMedicine("3 drops", "bottle", packed=True),
    "nasal drops": FormOfMedicine("2 drops", "bottle", packed=True),
    "nasal spray": FormOfMedicine("1 spray", "bottle", packed=True),
    "inhaler": FormOfMedicine("2 puffs", "inhaler", packed=True),
    "cream": FormOfMedicine("thin layer", "tube", packed=True),
    "ointment": FormOfMedicine("thin layer", "tube", packed=True),
    "gel": FormOfMedicine("thin layer", "tube", packed=True),
    "lotion": FormOfMedicine("thin layer", "bottle", packed=True),
    "gargle": FormOfMedicine("10 ml", "bottle", packed=True),
    "mouthwash": FormOfMedicine("10 ml", "bottle", packed=True),
    "powder": FormOfMedicine("1 spoon", "pack", packed=True),
    "shampoo": FormOfMedicine("10 ml", "bottle", packed=True),
    "injection": FormOfMedicine("10 units", "vial", packed=True),
    "dusting powder": FormOfMedicine("thin layer", "pack", packed=True),
}
FORMS: dict[str, FormOfMedicine] = {**_PIECE, **_LIQUID, **_PACKED}
"""Every form that the formulary may name, with what it is counted in."""

_DOSE = re.compile(rf"({_UNIT})\s*(.*)")


def dose_units(dose: str) -> Fraction | None:
    """Leading number of a dose (`2 tablets` → 2, `½ tablet` → ½, `5 ml` → 5); None where it has none (`thin
    layer`).
    """
    found = _DOSE.match(dose.strip())
    if not found:
        return None
    try:
        return _units(found[1])
    except (ValueError, ZeroDivisionError):
        return None


_SHORT = {
    "tab": "tablet",
    "tabs": "tablet",
    "cap": "capsule",
    "caps": "capsule",
    "mls": "ml",
    "मिली": "ml",
    "गोली": "tablet",
}


def clean_dose(*, form: str, dose: str) -> str:
    """The dose at one time in the unit that the store counts in: `1`, `1 tab` and `1 tablet` are `1 tablet`;
    of creams and drops, as written.

    Raises ValueError when it is nothing, is counted in something else (`500 mg` of a tablet), or is more than
    anybody takes at once.
    """
    kind = FORMS[form]
    text = " ".join(dose.lower().split())
    if kind.packed:
        if not text or len(text) > 40:
            raise ValueError(dose)
        return text
    units = dose_units(text)
    word = text.lstrip("0123456789./½¼¾ ").rstrip(".")
    word = _SHORT.get(word, word)
    most = MAX_MILLILITRES if kind.counted_in == "ml" else MAX_PIECES
    if not units or units > most or not kind.counted_in.endswith(word.removesuffix("s")):
        raise ValueError(dose)
    return f"{written(units) if most == MAX_PIECES else f'{float(units):g}'} {kind.counted_in}"


def times(*, dose: str, frequency: Frequency) -> list[str]:
    """What is taken in the morning, at noon, at night and at bedtime (`1`, `0`, `½`, `5 ml`), as the columns
    of the sheet show it; empty
    where a frequency is not daily by the times of the day.
    """
    if frequency.as_needed or frequency.every_hours or frequency.interval_days != 1:
        return []
    units = dose_units(dose) or Fraction(1)
    if dose.endswith("ml"):
        return [f"{float(units * slot):g} ml" if slot else "0" for slot in frequency.slots]
    return [written(units * slot) for slot in frequency.slots]


@dataclass(frozen=True, slots=True)
class Quantity:
    """What the store hands out: `15 tablet`, `100 ml`, `1 tube`."""

    amount: int
    unit: str
