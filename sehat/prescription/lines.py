"""A line of the form: one medicine as it was typed, what was understood of it, and what is wrong with it.

The form is sent at every change, and with it every line written so far. So a line is no Django form, which costs more
to make than to read: it is read once (`_read`), and the same words are not read again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from sehat.papers.printable import CANNOT_BE_PRINTED
from sehat.papers.printing import unprintable
from sehat.papers.said import Said
from sehat.prescription import amounts, dosage, rules
from sehat.prescription.course import MAX_STEPS, Step
from sehat.prescription.dosage import Food, Frequency
from sehat.prescription.findings import Told
from sehat.prescription.formulary import Medicine, formulary
from sehat.prescription.models import PrescriptionLine
from sehat.prescription.writing import LineWritten

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LENGTHS = {
    "medicine": 120,
    "medicine_code": 120,
    "dose": 40,
    "frequency": 40,
    "food": 10,
    "days": 10,
    "instructions": 200,
}
"""The fields of a line, and how many letters each takes."""
STEP_FIELDS = ("dose", "frequency", "days")
THEN_FIELDS = tuple(f"then_{name}" for name in STEP_FIELDS)
"""Fields of the further steps of a taper, as the form sends them: each once for every step."""

type Typed = tuple[str, str, str]
"""A step as it was typed: dose, frequency, days."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field, in the reader's language."""

    words: "StrOrPromise"
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.words) % self.values


class Read:
    """What was understood: the line, or what is wrong by field. Fields of a further step: `dose-1`, `days-2`."""

    def __init__(self, written: LineWritten | None, faults: Mapping[str, Fault]) -> None:
        self.written, self.faults = written, faults

    @cached_property
    def in_words(self) -> tuple[str, Said, Said]:
        """The medicine, the quantity, and how to take it."""
        line = self.written
        if line is None:
            raise ValueError("the line was not understood")
        return line.medicine.label, line.counted, line.said


class Line:
    """One medicine. `medicine` is what stands in the search box, `medicine_code` what was chosen from it."""

    def __init__(self, data: Mapping[str, str], then: Sequence[Typed] = ()) -> None:
        self.data = {name: str(data.get(name) or "").strip() for name in LENGTHS}
        self.then = tuple(then)[: MAX_STEPS - 1]
        self.told: Sequence[Told] = ()
        """What the guidelines say of it (`Paper.judge`)."""
        self.faults: dict[str, Fault] = {}
        """Faults to be shown; none as long as nobody has asked for the line."""

    @classmethod
    def of_body(cls, body: Mapping[str, Sequence[str]]) -> "Line":
        """The line being written, out of the form's data."""
        first = {name: values[0] for name in LENGTHS if (values := body.get(name))}
        then = zip_longest(*(body.get(name, ()) for name in THEN_FIELDS), fillvalue="")
        return cls(first, [(dose.strip(), often.strip(), days.strip()) for dose, often, days in then])

    @classmethod
    def of_kept(cls, kept: str) -> "Line | None":
        """A line out of its hidden field; None for what this form has not made."""
        try:
            data = json.loads(kept)
            then = [tuple(str(words) for words in step) for step in data.pop("then", ())]
        except (ValueError, AttributeError, TypeError):
            return None
        if not isinstance(data, dict) or any(len(step) != len(STEP_FIELDS) for step in then):
            return None
        return cls(data, then)  # type: ignore[arg-type]

    @classmethod
    def of_issued(cls, line: PrescriptionLine) -> "Line":
        """An issued line, to be written anew."""
        first, *then = line.taper or [{"dose": line.dose, "frequency": line.frequency, "days": line.days}]
        data = {
            "medicine": f"{line.generic.upper()} {line.form} {line.strength}",
            "medicine_code": line.code,
            "food": line.food,
            "instructions": line.instructions,
        }
        steps = [tuple(str(step[name]) for name in STEP_FIELDS) for step in then]
        return cls(data | {name: str(first[name]) for name in STEP_FIELDS}, steps)  # type: ignore[arg-type]

    @property
    def kept(self) -> str:
        """The line as a hidden field carries it."""
        kept: dict[str, object] = dict(self.data)
        if steps := [list(step) for step in self.then if any(step)]:
            kept["then"] = steps
        return json.dumps(kept, ensure_ascii=False)

    @property
    def body(self) -> dict[str, list[str]]:
        """The line as the form would send it."""
        columns = zip(*self.then, strict=True) if self.then else ((), (), ())
        return {name: [value] for name, value in self.data.items()} | {
            name: list(column) for name, column in zip(THEN_FIELDS, columns, strict=True)
        }

    @property
    def is_blank(self) -> bool:
        """Whether nothing was written that a doctor could miss: what the form fills in by itself does not
        count.
        """
        return not any(self.data[name] for name in ("medicine", "days", "instructions")) and not self.then

    @property
    def chosen(self) -> Medicine | None:
        """The medicine that stands in the line, however much of the rest is written."""
        return _medicine(self.data["medicine_code"], self.data["medicine"])

    @property
    def written(self) -> LineWritten | None:
        """The line as it was understood; None with faults."""
        return self._read.written

    @property
    def in_words(self) -> tuple[str, Said, Said] | None:
        """As `Read.in_words`; None with faults."""
        return self._read.in_words if self.written else None

    @cached_property
    def _read(self) -> Read:
        return _read(tuple(self.data.values()), tuple(step for step in self.then if any(step)))

    def is_valid(self) -> bool:
        """Whether it was understood; the faults are shown from now on."""
        self.faults = {**self._read.faults, **self.faults}
        return not self.faults

    @property
    def refused(self) -> bool:
        """Whether the guidelines refuse it."""
        return any(told.refused for told in self.told)

    @property
    def waits_for_video(self) -> bool:
        """Whether it will do once the video has stood long enough."""
        return any(told.waits_for_video for told in self.told)


def _medicine(code: str, label: str) -> Medicine | None:
    return formulary().get(code) or formulary().get(label)


@lru_cache(maxsize=2048)
def _read(values: tuple[str, ...], then: tuple[Typed, ...]) -> Read:
    data = dict(zip(LENGTHS, values, strict=True))
    faults: dict[str, Fault] = {}
    medicine = _medicine(data["medicine_code"], data["medicine"])
    if medicine is None:
        faults["medicine"] = _medicine_fault(data["medicine"])
    for name, most in LENGTHS.items():
        if len(data[name]) > most:
            faults[name] = Fault(_("This is too long: at most %(most)s letters."), {"most": most})
        elif sign := unprintable(data[name]):
            faults[name] = Fault(CANNOT_BE_PRINTED, {"sign": sign})
    if data["food"] not in set(Food):
        faults["food"] = Fault(_("Choose when to take it."))
    steps: list[Step] = []
    before: Frequency | None = None
    for place, typed in enumerate([tuple(data[name] for name in STEP_FIELDS), *then]):
        suffix = f"-{place}" if place else ""
        step, wrong, before = _step(medicine, typed, before, tapering=bool(then))
        faults |= {name + suffix: fault for name, fault in wrong.items() if name + suffix not in faults}
        if step:
            steps.append(step)
    if steps and sum(step.days for step in steps) > rules.MAX_DAYS and "days" not in faults:
        faults["days"] = Fault(_("All steps together: at most %(most)s days."), {"most": rules.MAX_DAYS})
    if faults or medicine is None:
        return Read(None, faults)
    first, *rest = steps
    return Read(
        LineWritten(
            medicine=medicine,
            dose=first.dose,
            frequency=first.frequency,
            food=Food(data["food"]),
            days=first.days,
            instructions=data["instructions"],
            then=tuple(rest),
        ),
        {},
    )


def _step(
    medicine: Medicine | None, typed: Sequence[str], before: Frequency | None, *, tapering: bool
) -> tuple[Step | None, dict[str, Fault], Frequency | None]:
    """One step; how often is as in the step before where nothing else is written."""
    dose_typed, often, days_typed = typed
    faults: dict[str, Fault] = {}
    frequency = before
    if often or before is None:
        try:
            frequency = dosage.parse_frequency(often)
        except ValueError:
            faults["frequency"] = Fault(_("Write how often, for example 1-0-1, BD, SOS max 3 or every 6 hours."))
            frequency = None
    dose = ""
    if medicine is not None:
        try:
            dose = dose_of(medicine, dose_typed)
        except ValueError:
            faults["dose"] = Fault(
                _("Write how much at one time, for example %(dose)s."), {"dose": medicine.usual_dose}
            )
    days = _days(days_typed, frequency)
    if isinstance(days, Fault):
        faults["days"] = days
    if not dose or frequency is None or isinstance(days, Fault):
        return None, faults, frequency
    step = Step(dose, frequency, days)
    if tapering and not step.may_be_tapered:
        faults["frequency"] = Fault(_("A taper goes by fixed times, such as 1-0-0: not when needed, not once only."))
    return step, faults, frequency


def dose_of(medicine: Medicine, typed: str) -> str:
    """The dose in what the store counts: `2 tablet`, also where it was written as `20 mg` of 10 mg tablets.

    Raises ValueError as `dosage.clean_dose` does.
    """
    typed = typed or medicine.usual_dose
    pieces = amounts.pieces(typed, strength=medicine.strength)
    kind = dosage.FORMS[medicine.form]
    if pieces is not None and not kind.packed and kind.counted_in != "ml":
        typed = dosage.written(pieces)
    return dosage.clean_dose(form=medicine.form, dose=typed)


def _days(typed: str, frequency: Frequency | None) -> int | Fault:
    if not typed and frequency is not None and frequency.interval_days == 0:
        return 1  # once only
    if typed and (len(typed) > LENGTHS["days"] or not typed.lstrip("-").isdecimal()):
        return Fault(_("Write the number of days in digits, for example 5."))
    if not typed or not 1 <= int(typed) <= rules.MAX_DAYS:
        return Fault(_("Write for how many days: 1 to %(most)s."), {"most": rules.MAX_DAYS})
    return int(typed)


def _medicine_fault(typed: str) -> Fault:
    if not typed:
        return Fault(_("Type three letters of a medicine and choose it from the list."))
    if formulary().prohibited(typed):
        never = _(
            "“%(typed)s” is prohibited: never by tele-consultation. Choose another medicine, or refer the patient."
        )
        return Fault(never, {"typed": typed})
    unknown = _("“%(typed)s” is not in the formulary. Type three letters and choose from the list.")
    return Fault(unknown, {"typed": typed})
