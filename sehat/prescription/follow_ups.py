"""Whether a consultation is a follow-up. Plain Python.

Source: Telemedicine Practice Guidelines of 25 March 2020, 1.3.4, as clinical.md states it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sehat.consultation.rules import Mode


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
