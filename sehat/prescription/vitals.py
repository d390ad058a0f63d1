"""What can be measured of a living person, and within which bounds. Plain Python.

Source: clinical.md, "plausible ranges"; the bounds are wide on purpose, to catch slips of the pen and nothing else.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """From `least` to `most`, in `unit`; `step` is the finest that is written."""

    least: float
    most: float
    unit: str
    step: float = 1


RANGES = {
    "temperature": Range(90, 110, "°F", 0.1),
    "pulse": Range(20, 250, "/min"),
    "systolic": Range(50, 300, "mmHg"),
    "diastolic": Range(20, 200, "mmHg"),
    "oxygen": Range(40, 100, "%"),
    "respiration": Range(4, 80, "/min"),
    "weight": Range(0.4, 350, "kg", 0.1),
    "height": Range(30, 250, "cm", 0.1),
    "sugar": Range(20, 900, "mg/dl"),
}

_PRESSURE = re.compile(r"(\d{2,3})\s*[/\\-]\s*(\d{2,3})")


def is_possible(name: str, value: float) -> bool:
    """Whether a living person can have that."""
    bounds = RANGES[name]
    return bounds.least <= value <= bounds.most


def read_pressure(text: str) -> tuple[int, int]:
    """`120/80` → (120, 80). Raises ValueError for what is no blood pressure of a living person."""
    found = _PRESSURE.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    systolic, diastolic = int(found[1]), int(found[2])
    if not (is_possible("systolic", systolic) and is_possible("diastolic", diastolic) and systolic > diastolic):
        raise ValueError(text)
    return systolic, diastolic
