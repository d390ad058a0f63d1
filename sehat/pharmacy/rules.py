"""The way of the medicines from the store to the patient, what may be handed out, and until when. Plain Python.

Source: domain.md, "After the consultation"; issue 4, "Pharmacy".
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Protocol

from sehat.prescription import amounts
from sehat.prescription.course import Step
from sehat.prescription.dosage import FORMS, clean_dose, dose_units

LAST_LETTERS = 5
"""With the mobile number, so many letters of the end of the prescription number are asked for: 2^20 to guess from."""


def last_letters(text: str) -> str | None:
    """The end of a prescription number as it is written (`9QTD-E`), however it was typed; None if it is none. The
    whole number will do too.
    """
    letters = re.sub(r"[^0-9A-Z]", "", text.upper()).translate(str.maketrans("OIL", "011"))[-LAST_LETTERS:]
    return f"{letters[:-1]}-{letters[-1]}" if len(letters) == LAST_LETTERS else None


class Way(StrEnum):
    """How the patient gets the medicines."""

    COLLECT = "collect"
    HOME = "home"


class State(StrEnum):
    """Where a supply is on its way."""

    RECEIVED = "received"
    PREPARING = "preparing"
    READY = "ready"
    SENT = "sent"
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


MOVES: dict[Way, dict[State, frozenset[State]]] = {
    Way.COLLECT: {
        State.RECEIVED: frozenset({State.PREPARING, State.CANCELLED}),
        # Straight over the counter where the patient stands at it.
        State.PREPARING: frozenset({State.READY, State.HANDED_OVER, State.CANCELLED}),
        State.READY: frozenset({State.HANDED_OVER, State.CANCELLED}),
    },
    Way.HOME: {
        State.RECEIVED: frozenset({State.PREPARING, State.CANCELLED}),
        State.PREPARING: frozenset({State.SENT, State.CANCELLED}),
        State.SENT: frozenset({State.DELIVERED, State.CANCELLED}),
    },
}
"""Every move there is; what is not listed is an end."""

OPEN_STATES = (State.RECEIVED, State.PREPARING, State.READY, State.SENT)
IN_THE_STORE = (State.RECEIVED, State.PREPARING, State.READY)
"""Where the store still has the medicines in hand."""
END_STATES = (State.HANDED_OVER, State.DELIVERED, State.CANCELLED)


def may_move(way: Way, frm: State, to: State) -> bool:
    """Whether the table has this move."""
    return to in MOVES[way].get(frm, frozenset())


class Why(StrEnum):
    """Why a supply moved, for its history."""

    CHOSEN = "chosen"
    CHANGED = "changed"
    AT_THE_COUNTER = "at_the_counter"
    BEGUN = "begun"
    PACKED = "packed"
    SENT = "sent"
    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    ARRIVED = "arrived"
    NOT_WANTED = "not_wanted"
    NOT_SUPPLIED = "not_supplied"
    NOT_COLLECTED = "not_collected"
    CAME_BACK = "came_back"
    REVOKED = "revoked"


STORE_MOVES: dict[State, Why] = {
    State.PREPARING: Why.BEGUN,
    State.READY: Why.PACKED,
    State.SENT: Why.SENT,
    State.HANDED_OVER: Why.HANDED_OVER,
    State.DELIVERED: Why.DELIVERED,
}
"""What the store's moves say in the history."""

STORE_CANCELS: dict[State, Why] = {
    State.RECEIVED: Why.NOT_SUPPLIED,
    State.PREPARING: Why.NOT_SUPPLIED,
    State.READY: Why.NOT_COLLECTED,
    State.SENT: Why.CAME_BACK,
}
"""Why a store ends an order, by where it stands."""


class By(StrEnum):
    """Who moved it."""

    PATIENT = "patient"
    STORE = "store"
    PORTAL = "portal"


def last_day(issued_on: date, *, limit: int, longest_course: int) -> date:
    """The last day on which a prescription is dispensed by: `limit` days after its issue (setting
    `DISPENSE_DAYS`, to be confirmed by AFMS), and as long as its longest course lasts, so that a course of months
    may be handed out bit by bit.
    """
    return issued_on + timedelta(days=max(limit, longest_course))


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a prescription was handed out, in medicines: all, those given whole, those given in part."""

    medicines: int
    whole: int
    partly: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left."""
        return self.whole == self.medicines

    @property
    def is_begun(self) -> bool:
        """Whether anything was handed out."""
        return bool(self.whole or self.partly)


def progress(lines: Iterable[tuple[int, int]]) -> Progress:
    """Of (prescribed, dispensed) line by line."""
    pairs = list(lines)
    whole = sum(dispensed >= prescribed for prescribed, dispensed in pairs)
    partly = sum(0 < dispensed < prescribed for prescribed, dispensed in pairs)
    return Progress(len(pairs), whole, partly)


class Medicine(Protocol):
    """A line of a prescription, or of the formulary."""

    @property
    def generic(self) -> str: ...
    @property
    def form(self) -> str: ...
    @property
    def strength(self) -> str: ...
    @property
    def route(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """How another strength or form stands for the prescribed one: so many of its units for one, and its course."""

    factor: Fraction
    steps: tuple[Step, ...]
    unit: str

    def amount(self, quantity: int) -> int:
        """Units handed out for `quantity` of the prescribed; liquids by 10 ml."""
        step = 10 if self.unit == "ml" and self.factor != 1 else 1
        return ceil(quantity * self.factor / step) * step


def exchange(line: Medicine, other: Medicine, *, steps: Sequence[Step]) -> Exchange | None:
    """How `other` stands for the line, which is taken in `steps`; None where it may not: another substance or route, a
    strength that cannot be compared, or one of which a dose would not be whole pieces (nobody is told to break what was
    not to be broken). What is handed out by the pack is exchanged by the brand only.
    """
    if (line.generic.casefold(), line.route) != (other.generic.casefold(), other.route):
        return None
    one, two = FORMS[line.form], FORMS[other.form]
    if line.strength == other.strength and line.form == other.form:
        return Exchange(Fraction(1), tuple(steps), one.counted_in)
    if one.packed or two.packed:
        return None
    factor = _factor(line, other, pieces="ml" not in {one.counted_in, two.counted_in})
    if factor is None:
        return None
    taken = [_taken(step, factor, other.form) for step in steps]
    return Exchange(factor, tuple(step for step in taken if step), two.counted_in) if all(taken) else None


def _taken(step: Step, factor: Fraction, form: str) -> Step | None:
    """The step in the other medicine; None where it cannot be taken."""
    units, counted_in = dose_units(step.dose), FORMS[form].counted_in
    if units is None:
        return None
    times = [slot for slot in step.frequency.slots if slot] or [Fraction(1)]
    if not all(_is_whole(units * factor * slot, counted_in) for slot in times):
        return None
    try:
        return replace(step, dose=clean_dose(form=form, dose=f"{float(units * factor):g} {counted_in}"))
    except ValueError:
        return None  # more than anybody takes at once


def _factor(line: Medicine, other: Medicine, *, pieces: bool) -> Fraction | None:
    if pieces and line.strength == other.strength:
        return Fraction(1)
    if "+" in line.strength + other.strength:
        return None  # each part would have to fit
    mine, theirs = amounts.of_strength(line.strength), amounts.of_strength(other.strength)
    if mine is None or theirs is None or mine.unit != theirs.unit or not theirs.value:
        return None
    return mine.value / theirs.value


def _is_whole(units: Fraction, counted_in: str) -> bool:
    step = Fraction(1, 2) if counted_in == "ml" else Fraction(1)
    return (units / step).denominator == 1
