"""What may stand on a prescription, and its limits. Plain Python.

Source: clinical.md, "Telemedicine Practice Guidelines" and "What a prescription holds".
"""

from datetime import date, timedelta
from enum import StrEnum

MAX_DAYS = 180
"""Longest course on one prescription, in days (a half-year refill of a chronic illness)."""

MAX_LINES = 20
"""Most medicines on one prescription."""

MAX_FOLLOW_UP_DAYS = 365
"""Farthest follow-up, in days from the day of issue."""

DAYS_SHOWN = 30
"""How long a doctor finds a prescription among the own ones, to amend or revoke it, in days."""


class MedicineList(StrEnum):
    """Lists of the Telemedicine Practice Guidelines, 25 March 2020, section 3.7.4."""

    O = "O"  # noqa: E741 - the guideline's own name
    A_FIRST = "A-first"
    A_REFILL = "A-refill"
    B = "B"
    PROHIBITED = "prohibited"


class Caution(StrEnum):
    """What a column of the formulary says of people to whom a medicine may do harm."""

    NONE = ""
    CAUTION = "caution"
    NEVER = "never"


class Fear(StrEnum):
    """What an old patient has to fear of a medicine, as the column `elderly_why` says it; in words: `findings.py`."""

    UNSAID = ""
    CONFUSION = "confusion"
    DROWSINESS = "drowsiness"
    STIFFNESS = "stiffness"
    PRESSURE = "pressure"
    SUGAR = "sugar"
    STOMACH = "stomach"
    BLEEDING = "bleeding"
    PREVENTION = "prevention"
    KIDNEYS = "kidneys"
    DEMENTIA = "dementia"
    OIL = "oil"
    DOSE = "dose"


class Outcome(StrEnum):
    """What became of the visit. Each is an issued sheet, as only that uses up the token (domain.md)."""

    TREATED = "treated"
    ADVICE = "advice"
    REFERRED = "referred"
    WRONG_OPD = "wrong_opd"
    REFUSED = "refused"


WITHOUT_MEDICINES = frozenset({Outcome.WRONG_OPD, Outcome.REFUSED})
"""Outcomes that a doctor chooses with a reason; no medicine stands on such a sheet."""


def outcome_of(chosen: str, *, medicines: int, referred: bool) -> Outcome:
    """The outcome as it is kept: the doctor's choice, else what the sheet itself says."""
    if chosen in WITHOUT_MEDICINES:
        return Outcome(chosen)
    if medicines:
        return Outcome.TREATED
    return Outcome.REFERRED if referred else Outcome.ADVICE


def may_prescribe(medicine_list: MedicineList) -> bool:
    """Whether a medicine of this list may stand on a prescription at all: the one rule that knows no exception.

    A prohibited medicine is neither found by the search nor issued. Everything that depends on patient and
    consultation is judged in `guidelines.py`.
    """
    return medicine_list is not MedicineList.PROHIBITED


def follow_up_problem(day: date | None, *, today: date) -> str | None:
    """`past` or `far` for a follow-up date that cannot be meant, else None."""
    if day is None:
        return None
    if day < today:
        return "past"
    return "far" if day > today + timedelta(days=MAX_FOLLOW_UP_DAYS) else None
