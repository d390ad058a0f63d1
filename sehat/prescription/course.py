"""A course in steps: so much for some days, then less. Plain Python.

Source: clinical.md, "What a prescription holds"; a course of one step is what most medicines are taken as.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from sehat.prescription.dosage import FORMS, Frequency, Quantity, dose_units, parse_frequency

MAX_STEPS = 8
"""Most steps of a taper."""


@dataclass(frozen=True, slots=True)
class Step:
    """So much at one time, so often, for so many days; `dose` as `dosage.clean_dose` gives it."""

    dose: str
    frequency: Frequency
    days: int

    @property
    def kept(self) -> dict[str, str | int]:
        """As JSON takes it."""
        return {"dose": self.dose, "frequency": str(self.frequency), "days": self.days}

    @property
    def may_be_tapered(self) -> bool:
        """Whether it can stand in a row of steps: what is taken only when needed, or once, cannot."""
        return not self.frequency.as_needed and self.frequency.interval_days != 0

    def __str__(self) -> str:
        return f"{self.frequency} · {self.dose} × {self.days} d"


def steps_of(kept: Iterable[Mapping[str, str | int]]) -> tuple[Step, ...]:
    """Out of what was kept. Raises ValueError and KeyError for what is no step."""
    return tuple(Step(str(one["dose"]), parse_frequency(str(one["frequency"])), int(one["days"])) for one in kept)


def quantity(*, form: str, steps: Sequence[Step]) -> Quantity:
    """What the store hands out for the whole course, rounded up to a whole piece, to 10 ml, or one pack.

    Raises ValueError for an unknown form, no step, or a step of less than one day.
    """
    if form not in FORMS or not steps or any(step.days < 1 for step in steps):
        raise ValueError(form)
    kind = FORMS[form]
    if kind.packed:
        return Quantity(1, kind.counted_in)
    total = sum((_taken(step) for step in steps), Fraction(0))
    measure = 10 if kind.counted_in == "ml" else 1
    return Quantity(max(measure, ceil(total / measure) * measure), kind.counted_in)


def _taken(step: Step) -> Fraction:
    units = dose_units(step.dose)
    each = units if units is not None else Fraction(1)
    return each * step.frequency.units_per_day * step.frequency.intake_days(step.days)
