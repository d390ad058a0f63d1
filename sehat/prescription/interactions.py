"""Major interactions, from `interactions.csv` beside this module. Plain Python."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sehat.prescription.formulary import Medicine

TABLE = Path(__file__).with_name("interactions.csv")


@dataclass(frozen=True, slots=True)
class Interaction:
    """Two substances or classes (small letters) that should not, or must `never`, be taken together."""

    one: str
    other: str
    never: bool
    effect: str
    effect_hindi: str
    source: str

    def between(self, first: frozenset[str], second: frozenset[str]) -> bool:
        """Whether two medicines of these names are the pair, either way round."""
        return (self.one in first and self.other in second) or (self.other in first and self.one in second)

    def concerns(self, names: frozenset[str]) -> bool:
        """Whether a medicine of these names is one of the two."""
        return self.one in names or self.other in names


LOCAL = frozenset({"topical", "eye", "ear", "nasal", "rectal", "vaginal"})


def names_of(medicine: Medicine) -> frozenset[str]:
    """The names by which a medicine stands in the table: its substances and its classes."""
    # What is put on skin or into eye, ear and nose hardly reaches the blood.
    return frozenset() if medicine.route in LOCAL else medicine.substances | medicine.classes


@cache
def interactions() -> tuple[Interaction, ...]:
    """The table, read once a process. Raises KeyError or ValueError where it is no such table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Interaction(
                one=row["one"],
                other=row["other"],
                never={"never": True, "caution": False}[row["how"]],
                effect=row["effect"],
                effect_hindi=row["effect_hindi"],
                source=row["source"],
            )
            for row in csv.DictReader(line for line in file if not line.startswith("#"))
        )
