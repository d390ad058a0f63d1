"""A token's states, its place in the line and its number. Plain Python.

Source: domain.md, "The six steps" 2 and "The queue".
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """Where a token is on its way."""

    ISSUED = "issued"
    WAITING = "waiting"
    CALLED = "called"
    CONSULTING = "consulting"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


MOVES: dict[State, frozenset[State]] = {
    State.ISSUED: frozenset({State.WAITING, State.CANCELLED, State.EXPIRED}),
    State.WAITING: frozenset({State.CALLED, State.CANCELLED, State.EXPIRED}),
    State.CALLED: frozenset({State.CONSULTING, State.WAITING, State.CANCELLED, State.EXPIRED}),
    State.CONSULTING: frozenset({State.COMPLETED, State.WAITING}),
    State.COMPLETED: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
}
"""Every move there is; nothing leaves an end state."""

OPEN_STATES = tuple(state for state, onward in MOVES.items() if onward)


class Why(StrEnum):
    """Why a token moved, for its history."""

    ISSUED = "issued"
    JOINED = "joined"
    DOCTOR_FREE = "doctor_free"
    ANSWERED = "answered"
    MISSED = "missed"
    DOCTOR_SILENT = "doctor_silent"
    DOCTOR_LEFT = "doctor_left"
    PUT_BACK = "put_back"
    PRESCRIBED = "prescribed"
    COME_BACK = "come_back"
    CANCELLED = "cancelled"
    DAY_OVER = "day_over"


class RedFlag(StrEnum):
    """Signs of an emergency that a layman sees; any of them puts the patient first and names 112.

    Source: clinical.md, "Emergency"; the list is for AFMS to correct.
    """

    CHEST_PAIN = "chest_pain"
    BREATHLESS = "breathless"
    STROKE = "stroke"
    UNCONSCIOUS = "unconscious"
    BLEEDING = "bleeding"
    INJURY = "injury"
    POISON = "poison"
    PREGNANCY = "pregnancy"


class By(StrEnum):
    """Who moved it."""

    PATIENT = "patient"
    DOCTOR = "doctor"
    PORTAL = "portal"


@dataclass(frozen=True)
class Credits:
    """Minutes that a priority is worth in the line (settings `CREDIT_MINUTES`, `CREDIT_CAP_MINUTES`)."""

    emergency: int
    referral: int
    ex_serviceman: int
    vulnerable: int
    cap: int


VULNERABLE_AGE = 70


def credit_minutes(
    credits_: Credits,
    *,
    age: int,
    ex_serviceman: bool,
    special_need: bool,
    referred: bool = False,
    emergency: bool = False,
    carried: int = 0,
) -> int:
    """The credit of one token, in minutes: priorities add up, at most `cap`; an emergency is above all.

    `carried` are the minutes of a patient whom no doctor reached the day before.
    """
    if emergency:
        return credits_.emergency
    vulnerable = age >= VULNERABLE_AGE or special_need
    total = (
        credits_.referral * referred
        + credits_.ex_serviceman * ex_serviceman
        + credits_.vulnerable * vulnerable
        + carried
    )
    return min(total, credits_.cap)


def turn_key(joined_at: datetime, credit: int) -> datetime:
    """The moment by which the line is ordered: the time of joining less the credit in minutes.

    A finite credit can never starve anybody: whoever joins later than `credit` minutes after you stands behind you.
    """
    return joined_at - timedelta(minutes=credit)


def code_of(opd_code: str, number: int, secret: str) -> str:
    """The token number as people read it: `G042-8317`."""
    return f"{opd_code}{number:03d}-{secret}"


_BETWEEN = r"[\s\-–—_.]*"
_CODE = re.compile(rf"([A-Z]{{1,4}}){_BETWEEN}0*([1-9][0-9]{{0,6}}){_BETWEEN}([0-9]{{4}})")


def read_code(text: str) -> str | None:
    """The token number that a person meant: any case, spaces or dashes, leading zeros left out. None: no number."""
    match = _CODE.fullmatch(text.strip().upper())
    return code_of(match[1], int(match[2]), match[3]) if match else None
