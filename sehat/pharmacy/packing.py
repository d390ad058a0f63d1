"""What lies in a parcel, and what of each line is left; inside the transactions of `services`, which lock it.

The balance of a line is compared and set, so that no two parcels can hold the same tablet, and a constraint stands
behind it.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db.models import F

from sehat.accounts.models import Staff
from sehat.pharmacy import queries
from sehat.pharmacy.errors import MoreThanPrescribed, NoSubstitute
from sehat.pharmacy.models import Balance, Dispensed, Supply
from sehat.pharmacy.rules import Exchange, exchange
from sehat.prescription.formulary import Medicine, formulary
from sehat.prescription.models import Prescription, PrescriptionLine


@dataclass(frozen=True, slots=True)
class Packed:
    """What the pharmacist puts into the parcel for one line: `quantity` in the line's unit, 0 for nothing."""

    line: PrescriptionLine
    quantity: int
    code: str = ""
    """Of the medicine given, where it is another strength or form."""
    brand: str = ""
    note: str = ""


def put(packed: Packed, *, into: Supply, staff: Staff, now: datetime) -> None:
    """Note what of a line lies in a supply, in place of what was noted before. Refuses more than is left
    (MoreThanPrescribed) and a substitute that may not be given (NoSubstitute).
    """
    supply, line = into, packed.line
    before = Dispensed.objects.filter(supply=supply, line=line).first()
    more = packed.quantity - (before.quantity if before else 0)
    balance = Balance.objects.filter(line=line)
    if not balance.filter(dispensed__lte=F("prescribed") - more).update(dispensed=F("dispensed") + more):
        left = line.quantity - balance.get().dispensed + (before.quantity if before else 0)
        raise MoreThanPrescribed(medicine=line, rest=left, prescribed=line.quantity)
    if not packed.quantity:
        if before:
            before.delete()
        return
    medicine, taken = given(line, packed.code)
    Dispensed.objects.update_or_create(
        supply=supply,
        line=line,
        defaults={
            "quantity": packed.quantity,
            "code": medicine.code if medicine else line.code,
            "form": medicine.form if medicine else line.form,
            "strength": medicine.strength if medicine else line.strength,
            "course": [step.kept for step in taken.steps],
            "given": taken.amount(packed.quantity),
            "unit": taken.unit,
            "brand": packed.brand,
            "note": packed.note,
            "by": staff,
            "at": now,
        },
    )


def given(line: PrescriptionLine, code: str) -> tuple[Medicine | None, Exchange]:
    """The medicine that stands for the line (None: as prescribed) and how. Refuses one that may not (NoSubstitute)."""
    if code in {"", line.code}:
        return None, Exchange(Fraction(1), line.steps, line.unit)
    medicine = formulary().get(code)
    found = exchange(line, medicine, steps=line.steps) if medicine else None
    if found is None:
        raise NoSubstitute(medicine=line)
    return medicine, found


def substitutes(line: PrescriptionLine) -> list[tuple[Medicine, Exchange]]:
    """What may be given in the line's place: another strength or form of the same generic."""
    found = [(other, exchange(line, other, steps=line.steps)) for other in formulary().recognise(line.generic)]
    return [(other, how) for other, how in found if how is not None and other.code != line.code]


def open_balances(prescription: Prescription) -> None:
    """A row for each line, with what was handed out by the prescription that this one replaces."""
    Balance.objects.bulk_create(
        [
            Balance(line=rest.line, prescribed=rest.line.quantity, carried=rest.dispensed, dispensed=rest.dispensed)
            for rest in queries.rests(prescription)
            if not hasattr(rest.line, "balance")
        ],
        ignore_conflicts=True,
    )


def put_back(supply: Supply) -> None:
    """What lay in a supply that is cancelled may be dispensed anew; its rows stay for the record."""
    for row in Dispensed.objects.filter(supply=supply):
        Balance.objects.filter(line=row.line_id).update(dispensed=F("dispensed") - row.quantity)
