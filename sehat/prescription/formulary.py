"""The formulary: the medicines a doctor may choose, searched in memory.

The table is `formulary.csv` beside this module, under version control so that a clinician reviews it as a
table (clinical.md).
"""

import csv
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from sehat.prescription import amounts, dosage, rules
from sehat.prescription.amounts import Amount, ByWeight

TABLE = Path(__file__).with_name("formulary.csv")
COLUMNS = (
    "generic",
    "form",
    "strength",
    "route",
    "list",
    "class",
    "max_per_day",
    "pregnancy",
    "lactation",
    "child",
    "kidney",
    "warnings",
    "source",
    "aliases",
)
FURTHER = ("max_per_week", "max_days", "child_dose", "elderly", "elderly_why")
"""Columns that a table may lack."""
CLASSES_AS_SAID = {"sulfa": "sulfonamide", "sulpha": "sulfonamide", "painkiller": "nsaid", "pain killer": "nsaid"}
"""Classes as patients call them."""

LEAST_LETTERS = 3
LEAST_LETTERS_OF_A_TYPO = 6
"""Shorter words are too like each other."""


@dataclass(frozen=True, slots=True)
class Medicine:
    """One line of the formulary. `code` is stable as long as generic, form and strength are."""

    generic: str
    form: str
    strength: str
    route: str
    list: rules.MedicineList
    group: str
    max_per_day: Amount | None
    max_per_week: Amount | None
    max_days: int
    """Longest course; 0 where the table names none."""
    child_dose: ByWeight | None
    """Of a child under 12 years."""
    pregnancy: rules.Caution
    lactation: rules.Caution
    child_months: int
    """Not below this age."""
    kidney: rules.Caution
    elderly: rules.Caution
    """Of a patient of 65 years or more."""
    elderly_why: rules.Fear
    warnings: str
    source: str
    aliases: tuple[str, ...]
    classes: frozenset[str] = frozenset()
    """Its class, and those of the substances in it."""

    @property
    def code(self) -> str:
        """Key of the line, such as `paracetamol-tablet-500-mg`."""
        return re.sub(r"[^a-z0-9%.]+", "-", f"{self.generic} {self.form} {self.strength}".lower()).strip("-")

    @property
    def label(self) -> str:
        """The line as a doctor reads it: `PARACETAMOL tablet 500 mg`."""
        return f"{self.generic.upper()} {self.form} {self.strength}"

    @property
    def substances(self) -> frozenset[str]:
        """What is in it: two lines with a substance in common are the same medicine twice."""
        return _substances(self.generic)

    @property
    def usual_dose(self) -> str:
        """Dose the form is filled with when this line is chosen."""
        return dosage.FORMS[self.form].dose


class BadFormulary(ValueError):
    """Rows of the table that cannot be read; the message names each row and its fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read(lines: Iterable[str]) -> list[Medicine]:
    """Read the table; comment lines start with `#`. Raises BadFormulary with every row that would be wrong on a
    prescription.
    """
    medicines: dict[str, Medicine] = {}
    faults: list[str] = []
    for number, row in enumerate(csv.DictReader(line for line in lines if not line.startswith("#")), start=1):
        try:
            medicine = _medicine(row)
            if medicine.code in medicines:
                raise ValueError(f"{medicine.label} stands twice")
            medicines[medicine.code] = medicine
        except (KeyError, ValueError, AttributeError) as fault:
            name = " ".join(row.get(column) or "" for column in ("generic", "form", "strength")).strip()
            faults.append(f"formulary row {number} ({name}): {_words(fault)}")
    if faults:
        raise BadFormulary(faults)
    return _with_classes(list(medicines.values()))


def _with_classes(medicines: list[Medicine]) -> list[Medicine]:
    """What stands under one class alone, as telmisartan with a thiazide does, belongs to those of all its parts."""
    of_substance: dict[str, set[str]] = {}
    for one in medicines:
        if len(one.substances) == 1:
            of_substance.setdefault(next(iter(one.substances)), set()).add(one.group)
    return [
        replace(one, classes=frozenset({one.group}).union(*(of_substance.get(part, ()) for part in one.substances)))
        for one in medicines
    ]


def _words(fault: Exception) -> str:
    if isinstance(fault, KeyError):
        return f"the column {fault.args[0]} is missing"
    return "it has too few columns" if isinstance(fault, AttributeError) else str(fault)


def _medicine(row: dict[str, str]) -> Medicine:
    text = {column: row[column].strip() for column in COLUMNS}
    text |= {column: (row.get(column) or "").strip() for column in FURTHER}
    for needed in ("generic", "form", "strength", "route", "class", "source"):
        if not text[needed]:
            raise ValueError(f"{needed} is empty")
    medicine = Medicine(
        generic=text["generic"],
        form=text["form"],
        strength=text["strength"],
        route=text["route"],
        list=rules.MedicineList(text["list"]),
        group=text["class"],
        max_per_day=amounts.read(text["max_per_day"]) if text["max_per_day"] else None,
        max_per_week=amounts.read(text["max_per_week"]) if text["max_per_week"] else None,
        max_days=amounts.days(text["max_days"]),
        child_dose=amounts.by_weight(text["child_dose"]),
        pregnancy=_one_of(rules.Caution, text, "pregnancy"),
        lactation=_one_of(rules.Caution, text, "lactation"),
        child_months=amounts.months(text["child"]),
        kidney=_one_of(rules.Caution, text, "kidney"),
        elderly=_one_of(rules.Caution, text, "elderly"),
        elderly_why=_one_of(rules.Fear, text, "elderly_why"),
        warnings=text["warnings"],
        source=text["source"],
        aliases=tuple(alias.strip() for alias in text["aliases"].split(";") if alias.strip()),
    )
    if rules.may_prescribe(medicine.list) and medicine.form not in dosage.FORMS:
        raise ValueError(f"unknown form {medicine.form!r}")
    if medicine.elderly_why and not medicine.elderly:
        raise ValueError("elderly_why is said, but elderly is empty")
    return medicine


def _one_of[Kind: StrEnum](kind: type[Kind], text: dict[str, str], column: str) -> Kind:
    try:
        return kind(text[column])
    except ValueError:
        known = ", ".join(one.value for one in kind if one.value)
        raise ValueError(f"{column}: {text[column]!r} is none of: empty, {known}") from None


@cache
def _substances(generic: str) -> frozenset[str]:
    return frozenset(part.strip() for part in generic.lower().split(" and "))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


class Formulary:
    """The lines that may be prescribed, and the search over them. Prohibited ones are never found; they are only
    recognised in what a patient takes already or does not bear, as another doctor may have given them.
    """

    def __init__(self, medicines: Iterable[Medicine]) -> None:
        known = tuple(medicines)
        self.lines = tuple(medicine for medicine in known if rules.may_prescribe(medicine.list))
        self._prohibited = [medicine for medicine in known if not rules.may_prescribe(medicine.list)]
        self._by_code = {medicine.code: medicine for medicine in self.lines}
        self._by_label = {medicine.label.lower(): medicine for medicine in self.lines}
        self._by_name: dict[str, list[Medicine]] = {}
        for medicine in known:
            for name in {_plain(name) for name in (medicine.generic, *medicine.aliases)}:
                self._by_name.setdefault(name, []).append(medicine)
        # What is no medicine's own name may be a substance that comes only together with others, or a class.
        for names in (lambda one: one.substances, lambda one: {one.group}):
            more: dict[str, list[Medicine]] = {}
            for medicine in known:
                for name in {_plain(name) for name in names(medicine)} - self._by_name.keys():
                    more.setdefault(name, []).append(medicine)
            self._by_name |= more
        for words, group in CLASSES_AS_SAID.items():
            self._by_name[words] = [medicine for medicine in self.lines if medicine.group == group]
        # The form asks for the same words at every change.
        self._recognised = lru_cache(maxsize=1024)(self._recognise)
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

    def prohibited(self, words: str) -> Medicine | None:
        """What may never be prescribed and begins like that (`alprazo`, `Ultracet`), so that a doctor is told why it is
        not found. Under 4 letters: None.
        """
        typed = words.strip().lower()
        if len(typed) < LEAST_LETTERS + 1:
            return None
        # A label, as a form may hold it, goes on with form and strength.
        return next(
            (
                one
                for one in self._prohibited
                for name in (one.generic.lower(), *(alias.lower() for alias in one.aliases))
                if name.startswith(typed) or typed.startswith(f"{name} ")
            ),
            None,
        )

    def recognise(self, words: str) -> list[Medicine]:
        """The lines that a free text names, by generic, brand, substance or class (`Telma 40, insulin at night`). A
        word of six letters or more may have one typo (`penicilin`, `amoxycillin`).
        """
        return list(self._recognised(_plain(words)))

    def _recognise(self, text: str) -> tuple[Medicine, ...]:
        spaced = f" {text} "
        names = [name for name in self._by_name if f" {name} " in spaced or f" {name}s " in spaced]
        known = {part for name in names for part in (*name.split(), f"{name}s")}
        for word in text.split():
            if len(word) >= LEAST_LETTERS_OF_A_TYPO and word not in known:
                names += [name for name in self._by_name if is_one_typo_from(name, word)]
        return tuple(medicine for name in dict.fromkeys(names) for medicine in self._by_name[name])

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
    names = (*names, group)
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


def is_one_typo_from(name: str, typed: str) -> bool:
    """As `begins_with_one_typo`, and nothing is left over."""
    return abs(len(name) - len(typed)) <= 1 and begins_with_one_typo(name, typed)


def table() -> Path:
    """The table in use: the one that was imported into the data folder, else the starter of the repository."""
    return _imported if _imported is not None and _imported.exists() else TABLE


_imported: Path | None = None


def look_for(imported: Path) -> None:
    """Where an imported table would lie; said once, when the portal starts."""
    global _imported
    _imported = imported
    formulary.cache_clear()


def bring_in(file: Path, *, dry_run: bool) -> str:
    """Read a table and, unless it is only tried, put it into use from the next start on; what it changes, in a line.

    Raises BadFormulary with every bad row, OSError and UnicodeDecodeError where it cannot be read.
    """
    if _imported is None:
        raise RuntimeError("look_for() was not called: the data folder is not known")
    text = file.read_text(encoding="utf-8-sig")
    new = {medicine.code: medicine for medicine in read(text.splitlines())}
    before = {m.code: m for m in read(table().read_text(encoding="utf-8").splitlines())}
    same = sum(before.get(code) == medicine for code, medicine in new.items())
    added, gone = len(new.keys() - before.keys()), len(before.keys() - new.keys())
    report = f"new {added}, changed {len(new) - added - same}, unchanged {same}, gone {gone}"
    if dry_run:
        return f"{report}; nothing was changed"
    # Whoever reads at this moment finds the old table or the new one, never half of it.
    draft = _imported.with_suffix(".new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(_imported)
    return f"{report}; in use from the next start of the portal"


@cache
def formulary() -> Formulary:
    """The portal's formulary, read once a process."""
    with table().open(encoding="utf-8", newline="") as file:
        return Formulary(read(file))
