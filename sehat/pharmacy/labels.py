"""Labels for the medicines of a supply, in Hindi and English, as a PDF to be printed and cut: one for each medicine.

What is taken stands under pictures of morning, noon, night and bedtime, for who cannot read.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sehat.kernel.clock import india_day
from sehat.papers import printing
from sehat.papers.printing import day_in_words
from sehat.pharmacy.models import Dispensed, Supply
from sehat.prescription import phrases
from sehat.prescription.dosage import Food, times

TEMPLATE = Path(__file__).with_name("labels.typ")


def make(supply: Supply, rows: Iterable[Dispensed], *, now: datetime) -> bytes:
    """The PDF: A4, eight labels on a page. `rows` with their lines."""
    content = {
        "patient": supply.prescription.people["patient"]["name"],
        "number": supply.prescription.number,
        "store": f"{supply.store.hospital.name}, {supply.store.hospital.city}",
        "phone": supply.store.hospital.phone,
        "date": day_in_words(india_day(now)),
        "labels": [_label(row) for row in rows],
    }
    return printing.print_plain(TEMPLATE, content, at=now)


def _label(row: Dispensed) -> dict[str, object]:
    line = row.line
    said = phrases.course(form=row.form, steps=row.steps, food=Food(line.food))
    given = phrases.counted(row.given, row.unit)
    return {
        "medicine": f"{line.generic.upper()} {row.form} {row.strength}",
        "brand": row.brand,
        "steps": [
            {"times": times(dose=step.dose, frequency=step.frequency), "days": _days(step.days)} for step in row.steps
        ],
        "english": said.english,
        "hindi": said.hindi,
        "instructions": line.instructions,
        "instructions_hindi": phrases.usual_hindi(line.instructions),
        "given": {"english": given.english, "hindi": given.hindi},
        "days": _days(line.days),
    }


def _days(number: int) -> dict[str, str]:
    return {"english": "1 day" if number == 1 else f"{number} days", "hindi": f"{number} दिन"}
