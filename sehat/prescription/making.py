"""Makes a prescription: its row, its lines and its signed PDF in the storage; and stores the rows.

Making and signing takes tens of milliseconds, so it is done before the transaction, which holds the database's
write lock; `kept_if_stored` takes the file away again where no row came to name it.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Thread

from django.core.files.base import ContentFile

from sehat.consultation.models import Consultation
from sehat.consultation.rules import Mode
from sehat.kernel.ids import new_ref
from sehat.prescription import document, rules, signing
from sehat.prescription.diagnoses import classification
from sehat.prescription.formulary import formulary
from sehat.prescription.models import Prescription, PrescriptionLine, prescription_path
from sehat.prescription.sheets import kept_lines, people_of, sheet_of
from sehat.prescription.statement import salt_of
from sehat.prescription.writing import Written


@cache
def warm_up() -> None:
    """Load the searches, the printer and the signer in a thread of its own, once a process, when a doctor opens
    the form: else the first *Issue prescription* of the process would wait 1.5 s for them.
    """
    Thread(target=_load, name="printer", daemon=True).start()


def _load() -> None:
    formulary()
    classification()
    document.warm_up()
    signing.warm_up()


@dataclass(frozen=True, slots=True)
class Made:
    """A prescription that has its file but no row yet, and its lines."""

    prescription: Prescription
    lines: list[PrescriptionLine]


def make(
    *, consultation: Consultation, written: Written, mode: Mode, now: datetime, replaces: Prescription | None = None
) -> Made:
    """Make and sign the PDF and put it into the storage. `replaces` is the one that this amends."""
    prescription = Prescription(
        ref=new_ref(),
        number=_new_number(),
        consultation=consultation,
        patient=consultation.token.patient,
        issued_at=now,
        mode=mode,
        replaces=replaces,
        people=people_of(consultation, now=now),
        complaint=written.complaint,
        findings=written.findings,
        diagnoses=[{"code": d.code, "name": d.name, "hindi": d.hindi} for d in written.diagnoses],
        investigations=written.investigations,
        advice=written.advice,
        follow_up_on=written.follow_up_on,
        referral=written.referral.kept if written.referral else None,
        outcome=rules.outcome_of(written.outcome, medicines=len(written.lines), referred=written.referral is not None),
        outcome_reason=written.reason,
        clinical=written.clinical.kept,
    )
    sheet = sheet_of(
        written,
        number=prescription.number,
        mode=mode,
        people=prescription.people,
        now=now,
        salt=salt_of(prescription.ref),
        replaces=replaces.number if replaces else "",
    )
    pdf = signing.sign(document.make(sheet), reason=f"Prescription {prescription.number}")
    prescription.size, prescription.sha256 = len(pdf), hashlib.sha256(pdf).hexdigest()
    prescription.file.name = prescription.file.storage.save(prescription_path(prescription, ""), ContentFile(pdf))
    return Made(prescription, kept_lines(written))


@contextmanager
def kept_if_stored(made: Made) -> Iterator[None]:
    """Take the file away again where the block does not end well."""
    try:
        yield
    except BaseException:
        made.prescription.file.storage.delete(str(made.prescription.file.name))
        raise


def store(made: Made) -> Prescription:
    """Write the rows, inside the caller's transaction."""
    made.prescription.save()
    for line in made.lines:
        line.prescription = made.prescription
    PrescriptionLine.objects.bulk_create(made.lines)
    return made.prescription


def _new_number() -> str:
    while True:
        number = rules.written_number(rules.new_letters())
        if not Prescription.objects.filter(number=number).exists():
            return number
