"""The states of a call, and an honest wait. Plain Python. Source: domain.md, "The six steps" 4 and 5."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil


class CallState(StrEnum):
    """Where a call, the two-minute summons, stands."""

    SUMMONED = "summoned"  # the patient may press Call Now
    RINGING = "ringing"  # pressed; the doctor's desk rings
    ANSWERED = "answered"
    MISSED = "missed"  # the patient did not press in time
    UNANSWERED = "unanswered"  # the doctor did not answer in time
    WITHDRAWN = "withdrawn"  # the doctor left, or the patient cancelled


OPEN_CALL = (CallState.SUMMONED, CallState.RINGING)

FEWEST_SAMPLES = 3
STEP_MINUTES = 5


@dataclass(frozen=True)
class WaitRange:
    """From `low` to `high` minutes, in steps of five."""

    low: int
    high: int


def wait_range(ahead: int, doctors: int, service_seconds: Sequence[float]) -> WaitRange | None:
    """How long the wait may be, from today's consultations; None where it is not known yet.

    The low end takes the median consultation and the best case of who is free first, the high end the ninetieth
    percentile and one consultation more. Fewer than three consultations today, or no doctor, say nothing.
    """
    if doctors < 1 or len(service_seconds) < FEWEST_SAMPLES:
        return None
    ordered = sorted(service_seconds)
    middle = ordered[len(ordered) // 2]
    slow = ordered[min(len(ordered) - 1, ceil(len(ordered) * 0.9) - 1)]
    low = (ahead // doctors) * middle / 60
    high = (ahead // doctors + 1) * slow / 60
    return WaitRange(low=int(low // STEP_MINUTES) * STEP_MINUTES, high=ceil(high / STEP_MINUTES) * STEP_MINUTES)
