"""When an OPD is open, and what a doctor's desk may be doing. Plain Python.

Source: domain.md, "OPDs, hours, places" and "The queue". All moments are aware; days are India's.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum


class OpdKind(StrEnum):
    """A General OPD takes walk-in tokens; a specialist OPD takes referrals and follow-ups."""

    GENERAL = "general"
    SPECIALIST = "specialist"


class DoctorState(StrEnum):
    """What a doctor's desk is doing."""

    OFFLINE = "offline"
    AVAILABLE = "available"
    CALLING = "calling"
    CONSULTING = "consulting"
    PAUSED = "paused"


class DutyPart(StrEnum):
    """How much of a day a doctor is on the roster."""

    WHOLE = "whole"
    FORENOON = "forenoon"
    AFTERNOON = "afternoon"


ON_DUTY = (DoctorState.AVAILABLE, DoctorState.CALLING, DoctorState.CONSULTING)
"""The states in which a doctor works on the line: what a patient sees as *online*."""

NOON = time(13)
"""When the forenoon's duty ends and the afternoon's begins, by the clock of India."""


def duty_now(part: DutyPart, at: time) -> bool:
    """Whether a duty of that part of the day holds at that time of day."""
    return part is DutyPart.WHOLE or (part is DutyPart.FORENOON) == (at < NOON)


MONDAY_TO_SATURDAY = range(6)
DEFAULT_OPENS, DEFAULT_CLOSES = time(9), time(17)
LOOK_AHEAD_DAYS = 30


@dataclass(frozen=True)
class Hours:
    """One stretch of opening on one weekday (Monday is 0), by the clock of India."""

    weekday: int
    opens: time
    closes: time


DEFAULT_HOURS = tuple(Hours(day, DEFAULT_OPENS, DEFAULT_CLOSES) for day in MONDAY_TO_SATURDAY)


@dataclass(frozen=True)
class Session:
    """One opening on one day, as two moments."""

    opens: datetime
    closes: datetime


def sessions_of(day: date, hours: Iterable[Hours], is_holiday: Callable[[date], bool], zone: tzinfo) -> list[Session]:
    """The openings of a day, in order; none on a holiday."""
    if is_holiday(day):
        return []
    return [
        Session(datetime.combine(day, h.opens, zone), datetime.combine(day, h.closes, zone))
        for h in sorted(hours, key=lambda h: h.opens)
        if h.weekday == day.weekday()
    ]


def session_at(
    moment: datetime,
    hours: Iterable[Hours],
    is_holiday: Callable[[date], bool],
    zone: tzinfo,
    *,
    early: timedelta = timedelta(0),
) -> Session | None:
    """The opening that `moment` falls into, counting from `early` before its start; None where it is closed."""
    local = moment.astimezone(zone)
    for session in sessions_of(local.date(), hours, is_holiday, zone):
        if session.opens - early <= local < session.closes:
            return session
    return None


def next_session(
    moment: datetime, hours: Iterable[Hours], is_holiday: Callable[[date], bool], zone: tzinfo
) -> Session | None:
    """The first opening that starts after `moment`, looking 30 days ahead; None where there is none."""
    local, hours = moment.astimezone(zone), list(hours)
    for ahead in range(LOOK_AHEAD_DAYS):
        for session in sessions_of(local.date() + timedelta(days=ahead), hours, is_holiday, zone):
            if session.opens > local:
                return session
    return None
