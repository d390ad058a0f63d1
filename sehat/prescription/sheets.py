"""Lays a prescription out for the sheet: the people in it, and every text in both languages."""

import json
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from sehat.consultation.models import Consultation
from sehat.consultation.rules import Mode
from sehat.kernel.clock import india_day
from sehat.prescription import keys, phrases
from sehat.prescription.document import Line, Sheet
from sehat.prescription.dosage import times
from sehat.prescription.facts import facts
from sehat.prescription.models import PrescriptionLine
from sehat.prescription.phrases import Said
from sehat.prescription.rules import Outcome
from sehat.prescription.statement import Statement, lines_hash, sign, words_of_lines
from sehat.prescription.writing import LineWritten, Written
from sehat.registration.models import Patient
from sehat.registration.rules import Gender

# The sheet carries both languages, so these are pairs and not messages of a catalogue.
GENDERS = {
    Gender.FEMALE: Said("Female", "महिला"),
    Gender.MALE: Said("Male", "पुरुष"),
    Gender.OTHER: Said("Other", "अन्य"),
}
MODES = {
    Mode.VIDEO: Said("Video consultation", "वीडियो से परामर्श"),
    Mode.AUDIO: Said("Audio consultation", "फ़ोन जैसी बातचीत से परामर्श"),
    Mode.TEXT: Said("Text consultation", "लिखकर परामर्श"),
}


_OUTCOMES = {
    str(Outcome.WRONG_OPD): Said("Not treated in this OPD", "इस ओपीडी में इलाज नहीं हुआ"),
    str(Outcome.REFUSED): Said("Not treated by tele-consultation", "वीडियो परामर्श से इलाज नहीं हुआ"),
}


def people_of(consultation: Consultation, *, now: datetime) -> dict[str, Any]:
    """Hospital, OPD, doctor and patient as they stand on the sheet, to be kept with the prescription."""
    doctor, patient = consultation.doctor, consultation.token.patient
    opd = consultation.token.opd
    place = f"{patient.address}, {patient.city}, {patient.district}, {patient.state} {patient.pincode}"
    age = age_in_words(patient, india_day(now))
    gender = GENDERS[Gender(patient.gender)]
    return {
        "hospital": f"{doctor.hospital.name}, {doctor.hospital.city}",
        "opd": {"english": opd.name, "hindi": opd.name_hi},
        "doctor": {
            "name": str(doctor),
            "qualification": doctor.qualification,
            "registration": doctor.registration_number,
            "council": doctor.council,
            "contact": doctor.contact or doctor.hospital.phone,
        },
        "patient": {
            "name": patient.name,
            "patient_id": patient.grouped_id,
            "age": {"english": age.english, "hindi": age.hindi},
            "gender": {"english": gender.english, "hindi": gender.hindi},
            "address": place,
        },
    }


def age_in_words(patient: Patient, on: date) -> Said:
    """Years; under two years months, as a child's dose goes by them."""
    years = patient.age(on)
    if years >= 2 or patient.only_age_known:
        return Said(f"{years} year{'' if years == 1 else 's'}", f"{years} साल")
    born = patient.date_of_birth
    months = (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)
    return Said(f"{months} month{'' if months == 1 else 's'}", f"{months} महीने")


def verify_url(number: str) -> str:
    """Where anybody can check the number; stands in the QR code."""
    return f"{settings.PUBLIC_URL}{reverse('prescription:verify')}?number={number}"


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
            days=line.days,
            quantity=line.quantity.amount,
            unit=line.quantity.unit,
            instructions=line.instructions,
        )
        for position, line in enumerate(written.lines, start=1)
    ]


def code_of(code: str) -> str:
    """The address in the QR code. Telephones open it by themselves and the page checks the statement.

    The statement stands in the query and not in the fragment: the page then works at the first request and
    without scripts, and it names no patient and nothing clinical that a log must not hold.
    """
    return f"{settings.PUBLIC_URL}{reverse('prescription:verify')}?qr={code}"


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
    lines = words_of_lines(kept_lines(written))
    stated = Statement(number, india_day(now), people["doctor"]["registration"], lines_hash(salt, lines))
    return Sheet(
        number=number,
        verify_url=verify_url(number),
        code=code_of(sign(stated, keys.code_key())),
        plain_lines=json.dumps([salt, lines], ensure_ascii=False, separators=(",", ":")),
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
        investigations=written.investigations,
        advice=[Said(line, phrases.usual_hindi(line)) for line in written.advice.splitlines() if line.strip()],
        follow_up_on=written.follow_up_on,
        referral=written.referral.kept if written.referral else None,
        facts=facts(written.clinical),
        outcome=_OUTCOMES.get(written.outcome),
        reason=written.reason,
    )


def _line(line: LineWritten) -> Line:
    said = line.said
    return Line(
        generic=line.medicine.generic.upper(),
        form=line.medicine.form,
        strength=line.medicine.strength,
        route=line.medicine.route,
        times=times(dose=line.dose, frequency=line.frequency),
        frequency=str(line.frequency),
        days=line.days,
        quantity=line.counted,
        english=said.english,
        hindi=said.hindi,
        instructions=line.instructions,
        instructions_hindi=phrases.usual_hindi(line.instructions),
    )
