"""What letters there are and how long a sick leave may be. Plain Python.

Sources: issue 4, item 8; the limits of a leave are settings or stand here until AFMS sets them.
"""

from datetime import date, timedelta
from enum import StrEnum


class Purpose(StrEnum):
    """What a letter is for."""

    REFERRAL = "referral"
    SICK_LEAVE = "sick-leave"


class Urgency(StrEnum):
    """How soon the hospital should see the patient."""

    TODAY = "today"
    SOON = "soon"
    ROUTINE = "routine"


class Rest(StrEnum):
    """What is advised instead of duty."""

    HOME = "home"
    LIGHT = "light"
    NO_TRAINING = "no-training"


class Reason(StrEnum):
    """Why, in words that tell no illness."""

    UNWELL = "unwell"
    RECOVERING = "recovering"
    INJURED = "injured"
    APART = "apart"


DAYS_TO_WRITE = 7
"""For how many days after a consultation a letter may still be written for it."""
DAYS_BACK, DAYS_AHEAD = 2, 3
"""How many days before and after the day of writing a leave may begin: nobody vouches for more without seeing."""
MOST_LETTERS = 6
"""Letters of one consultation, revoked ones counted."""


def leave_days(first: date, last: date) -> int:
    """Days of leave, both ends included."""
    return (last - first).days + 1


def leave_problem(first: date, last: date, *, today: date, most: int) -> str | None:
    """`early`, `late` (the first day), `backwards`, `long` (more than `most` days) or `past` for a leave that cannot
    be meant, else None.
    """
    if first < today - timedelta(days=DAYS_BACK):
        return "early"
    if first > today + timedelta(days=DAYS_AHEAD):
        return "late"
    if last < first:
        return "backwards"
    if last < today:
        return "past"
    return "long" if leave_days(first, last) > most else None
