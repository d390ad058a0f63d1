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

    def between(self, first: Medicine, second: Medicine) -> bool:
        """Whether these two are the pair, either way round."""
        return (self._is(first, self.one) and self._is(second, self.other)) or (
            self._is(first, self.other) and self._is(second, self.one)
        )

    def concerns(self, medicine: Medicine) -> bool:
        """Whether it is one of the two."""
        return self._is(medicine, self.one) or self._is(medicine, self.other)

    @staticmethod
    def _is(medicine: Medicine, name: str) -> bool:
        # What is put on skin or into eye, ear and nose hardly reaches the blood.
        return medicine.route not in LOCAL and (name in medicine.substances or name in medicine.classes)


LOCAL = frozenset({"topical", "eye", "ear", "nasal", "rectal", "vaginal"})


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
