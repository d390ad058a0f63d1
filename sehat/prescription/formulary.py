"""The formulary: the medicines a doctor may choose, searched in memory.

The table is `formulary.csv` beside this module, under version control so that a clinician reviews it as a
table (clinical.md).
"""

import csv
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sehat.prescription import dosage, rules

TABLE = Path(__file__).with_name("formulary.csv")
LEAST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Medicine:
    """One line of the formulary. `code` is stable as long as generic, form and strength are."""

    generic: str
    form: str
    strength: str
    route: str
    list: rules.MedicineList
    group: str
    max_per_day: str
    warnings: str
    source: str
    aliases: tuple[str, ...]

    @property
    def code(self) -> str:
        """Key of the line, such as `paracetamol-tablet-500-mg`."""
        return re.sub(r"[^a-z0-9%.]+", "-", f"{self.generic} {self.form} {self.strength}".lower()).strip("-")

    @property
    def label(self) -> str:
        """The line as a doctor reads it: `PARACETAMOL tablet 500 mg`."""
        return f"{self.generic.upper()} {self.form} {self.strength}"

    @property
    def usual_dose(self) -> str:
        """Dose the form is filled with when this line is chosen."""
        return dosage.FORMS[self.form].dose


class BadFormulary(ValueError):
    """A row of the table that cannot be read; the message names the row and the fault."""


def read(lines: Iterable[str]) -> list[Medicine]:
    """Read the table; comment lines start with `#`. Raises BadFormulary at the first row that would be wrong
    on a prescription.
    """
    medicines: list[Medicine] = []
    seen: set[str] = set()
    for number, row in enumerate(csv.DictReader(line for line in lines if not line.startswith("#")), start=1):
        try:
            medicine = Medicine(
                generic=row["generic"].strip(),
                form=row["form"].strip(),
                strength=row["strength"].strip(),
                route=row["route"].strip(),
                list=rules.MedicineList(row["list"]),
                group=row["class"].strip(),
                max_per_day=row["max_per_day"].strip(),
                warnings=row["warnings"].strip(),
                source=row["source"].strip(),
                aliases=tuple(alias.strip() for alias in row["aliases"].split(";") if alias.strip()),
            )
        except (KeyError, ValueError, AttributeError) as fault:
            raise BadFormulary(f"formulary row {number}: {fault}") from fault
        if not (medicine.generic and medicine.strength and medicine.route and medicine.source):
            raise BadFormulary(f"formulary row {number}: generic, strength, route and source are all needed")
        if rules.may_prescribe(medicine.list) and medicine.form not in dosage.FORMS:
            raise BadFormulary(f"formulary row {number}: unknown form {medicine.form!r}")
        if medicine.code in seen:
            raise BadFormulary(f"formulary row {number}: {medicine.label} stands twice")
        seen.add(medicine.code)
        medicines.append(medicine)
    return medicines


class Formulary:
    """The lines that may be prescribed, and the search over them. Prohibited ones never come in."""

    def __init__(self, medicines: Iterable[Medicine]) -> None:
        self.lines = tuple(medicine for medicine in medicines if rules.may_prescribe(medicine.list))
        self._by_code = {medicine.code: medicine for medicine in self.lines}
        self._by_label = {medicine.label.lower(): medicine for medicine in self.lines}
        self._names = [
            (
                m,
                (m.generic.lower(), *(a.lower() for a in m.aliases)),
                m.group,
                f"{m.form} {m.strength}".lower(),
            )
            for m in self.lines
        ]

    def get(self, code: str) -> Medicine | None:
        """The line of this code, or of exactly this label; None for anything else, prohibited included."""
        key = code.strip().lower()
        return self._by_code.get(key) or self._by_label.get(" ".join(key.split()))

    def search(self, words: str, *, limit: int = 8) -> list[Medicine]:
        """Best lines for what was typed: generic, Indian brand or class, then form and strength; one typo is
        forgiven. Under 3 letters: none.
        """
        typed = words.strip().lower().split()
        if not typed or len("".join(typed)) < LEAST_LETTERS:
            return []
        return self._ranked(typed, limit, _closeness) or self._ranked(typed, limit, _typo_closeness)

    def _ranked(self, typed: list[str], limit: int, closeness: "Closeness") -> list[Medicine]:
        found: list[tuple[int, int, Medicine]] = []
        for place, (medicine, names, group, rest) in enumerate(self._names):
            first = closeness(typed[0], names, group)
            if first is None:
                continue
            # Words after the first narrow the choice: another part of the name, the form or the strength.
            others = " ".join((*names, group, rest))
            if all(word in others or closeness(word, names, group) is not None for word in typed[1:]):
                found.append((first, place, medicine))
        return [medicine for _, _, medicine in sorted(found, key=lambda hit: hit[:2])[:limit]]


type Closeness = Callable[[str, tuple[str, ...], str], int | None]


def _closeness(word: str, names: tuple[str, ...], group: str) -> int | None:
    generic, *brands = names
    if generic.startswith(word):
        return 0
    if any(brand.startswith(word) for brand in brands):
        return 1
    if any(part.startswith(word) for name in names for part in name.split()):
        return 2
    if len(word) >= LEAST_LETTERS and any(word in name for name in names):
        return 3
    if len(word) >= LEAST_LETTERS and group.startswith(word):
        return 4
    return None


def _typo_closeness(word: str, names: tuple[str, ...], group: str) -> int | None:
    if len(word) < LEAST_LETTERS + 1:
        return None
    return 5 if any(begins_with_one_typo(part, word) for name in names for part in name.split()) else None


def begins_with_one_typo(name: str, typed: str) -> bool:
    """Whether `name` begins with `typed` but for one letter wrong, missing, too many, or two neighbours
    swapped.
    """
    at = next((i for i, (a, b) in enumerate(zip(name, typed, strict=False)) if a != b), None)
    if at is None:
        return abs(len(name) - len(typed)) <= 1 or len(name) > len(typed)
    rest = typed[at:]
    return (
        name.startswith(rest[1:], at + 1)
        or name.startswith(rest[1:], at)
        or name.startswith(rest, at + 1)
        or (len(rest) > 1 and name.startswith(rest[1] + rest[0] + rest[2:], at))
    )


@cache
def formulary() -> Formulary:
    """The portal's formulary, read once a process."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return Formulary(read(file))
