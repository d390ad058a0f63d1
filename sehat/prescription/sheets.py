"""Lays a prescription out for the sheet: every text in both languages."""

from datetime import datetime
from typing import Any

from django.conf import settings

from sehat.consultation.rules import Mode
from sehat.papers.coding import code_of
from sehat.papers.people import MODES
from sehat.papers.said import Said
from sehat.prescription import phrases
from sehat.prescription.document import Line, Sheet, SheetStep
from sehat.prescription.dosage import times
from sehat.prescription.facts import facts
from sehat.prescription.models import PrescriptionLine
from sehat.prescription.rules import Outcome
from sehat.prescription.writing import LineWritten, Written

_OUTCOMES = {
    str(Outcome.WRONG_OPD): Said("Not treated in this OPD", "इस ओपीडी में इलाज नहीं हुआ"),
    str(Outcome.REFUSED): Said("Not treated by tele-consultation", "वीडियो परामर्श से इलाज नहीं हुआ"),
}


def kept_lines(written: Written) -> list[PrescriptionLine]:
    """The lines as they are kept, without their prescription yet."""
    return [
        PrescriptionLine(
            position=position,
            code=line.medicine.code,
            generic=line.medicine.generic,
            form=line.medicine.form,
            strength=line.medicine.strength,
            route=line.medicine.route,
            dose=line.dose,
            frequency=str(line.frequency),
            food=line.food,
            days=line.days_in_all,
            quantity=line.quantity.amount,
            unit=line.quantity.unit,
            instructions=line.instructions,
            taper=[step.kept for step in line.steps] if line.then else [],
        )
        for position, line in enumerate(written.lines, start=1)
    ]


def sheet_of(
    written: Written,
    *,
    number: str,
    mode: Mode,
    people: dict[str, Any],
    now: datetime,
    salt: str = "",
    replaces: str = "",
) -> Sheet:
    """The sheet of what was written, with its signed code."""
    return Sheet(
        number=number,
        code=code_of(
            number=number,
            issued_at=now,
            doctor=people["doctor"]["registration"],
            salt=salt,
            lines=[line.stated for line in kept_lines(written)],
        ),
        replaces=replaces,
        demo=settings.SEHAT_DEMO,
        issued_at=now,
        hospital=people["hospital"],
        opd=Said(**people["opd"]),
        mode=MODES[mode],
        doctor=people["doctor"],
        patient=people["patient"],
        complaint=written.complaint,
        findings=written.findings,
        diagnoses=[{"code": d.code, "name": d.name, "hindi": d.hindi} for d in written.diagnoses],
        lines=[_line(line) for line in written.lines],
        investigations=_usual_lines(written.investigations),
        advice=_usual_lines(written.advice),
        red_flags=_usual_lines(written.red_flags),
        follow_up_on=written.follow_up_on,
        referral=written.referral.kept if written.referral else None,
        facts=facts(written.clinical),
        outcome=_OUTCOMES.get(written.outcome),
        reason=written.reason,
        emergency=people.get("emergency"),
    )


def _usual_lines(text: str) -> list[Said]:
    return [Said(line, phrases.usual_hindi(line)) for line in text.splitlines() if line.strip()]


def _line(line: LineWritten) -> Line:
    said = line.said
    return Line(
        generic=line.medicine.generic.upper(),
        form=line.medicine.form,
        strength=line.medicine.strength,
        route=line.medicine.route,
        steps=[
            SheetStep(times(dose=step.dose, frequency=step.frequency), str(step.frequency), step.days)
            for step in line.steps
        ],
        quantity=line.counted,
        english=said.english,
        hindi=said.hindi,
        instructions=line.instructions,
        instructions_hindi=phrases.usual_hindi(line.instructions),
    )
