"""Asks the guidelines of a consultation: what is known of the patient, and what speaks of each line."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.conf import settings

from sehat.consultation.models import Consultation
from sehat.consultation.rules import Mode
from sehat.kernel.clock import INDIA, india_day
from sehat.prescription import guidelines, noting, queries
from sehat.prescription.follow_ups import Earlier, is_follow_up
from sehat.prescription.formulary import Medicine, formulary
from sehat.prescription.guidelines import ADULT_MONTHS, CHRONIC, Allergy, Circumstances, Finding, Pregnancy
from sehat.prescription.interactions import interactions
from sehat.prescription.models import Prescription
from sehat.prescription.writing import Clinical, Written
from sehat.registration.models import Patient
from sehat.registration.rules import Gender

KIDNEY_DISEASE = re.compile(r"N1[789]\b")
PREGNANCY = re.compile(r"(O\d\d|Z3[345])\b")
"""Diagnoses of ICD-10 that say so, whether or not the doctor has ticked it, too."""

CHILDBEARING = range(12, 56)
"""Ages in years at which a pregnancy is asked for."""


def months_old(patient: Patient, on: date) -> int:
    """Completed months; by the years where only those are known."""
    if patient.only_age_known:
        return patient.age(on) * 12
    born = patient.date_of_birth
    return (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)


def is_minor(patient: Patient, on: date) -> bool:
    """Under 18 years."""
    return months_old(patient, on) < ADULT_MONTHS


def may_be_pregnant(patient: Patient, on: date) -> bool:
    """Whether a pregnancy is to be asked for."""
    return patient.gender != Gender.MALE and patient.age(on) in CHILDBEARING


def circumstances(
    consultation: Consultation,
    *,
    clinical: Clinical,
    conditions: Sequence[str],
    mode: Mode,
    today: date,
    amended: bool = False,
) -> Circumstances:
    """What the rules ask of this patient and consultation. What was prescribed in this very consultation is left out:
    it is being `amended`.
    """
    patient = consultation.token.patient
    known = formulary()
    since = datetime.combine(today - timedelta(days=31 * (settings.FOLLOW_UP_MONTHS + 1)), time(), INDIA)
    earlier = queries.earlier(consultation, since=since)
    written = [medicine for words in clinical.in_use for medicine in known.recognise(words)]
    return Circumstances(
        mode=mode,
        follow_up=is_follow_up(
            doctor=consultation.doctor_id,
            conditions=conditions,
            today=today,
            earlier=[_visit(one) for one in earlier],
            months=settings.FOLLOW_UP_MONTHS,
            in_person_only=settings.FOLLOW_UP_IN_PERSON_ONLY,
            seen_on=clinical.seen_on,
        ),
        age_months=months_old(patient, today),
        confirmed=clinical.confirmed and (not is_minor(patient, today) or clinical.adult_known),
        may_be_pregnant=may_be_pregnant(patient, today),
        pregnancy=_pregnancy(clinical, conditions),
        allergies=tuple(
            Allergy(words, tuple(known.recognise(words))) for words in _allergies(consultation, clinical, amended)
        ),
        in_use=tuple(dict.fromkeys([*written, *_still_taken(earlier, today)])),
        kidney_disease=clinical.kidney_disease or any(map(KIDNEY_DISEASE.match, conditions)),
        weight=clinical.vitals.get("weight", 0),
        emergency=consultation.token.is_emergency and not clinical.no_emergency,
        interactions=interactions(),
    )


def _pregnancy(clinical: Clinical, conditions: Sequence[str]) -> Pregnancy:
    said = Pregnancy(clinical.pregnancy)
    is_told = said in {Pregnancy.PREGNANT, Pregnancy.LACTATING}
    return Pregnancy.PREGNANT if not is_told and any(map(PREGNANCY.match, conditions)) else said


def _allergies(consultation: Consultation, clinical: Clinical, amended: bool) -> list[str]:
    """As they were asked now. Where nobody asked, or where a sheet of before is amended, what is known counts, too."""
    asked = list(clinical.allergies or ())
    if clinical.allergies is not None and not amended:
        return asked
    return [*asked, *(words for words in noting.allergies_of(consultation.token.patient_id) if words not in asked)]


def _visit(prescription: Prescription) -> Earlier:
    return Earlier(
        doctor=prescription.consultation.doctor_id,
        on=india_day(prescription.issued_at),
        mode=Mode(prescription.mode),
        conditions=tuple(one["code"] or one["name"] for one in prescription.diagnoses),
    )


def _still_taken(earlier: Iterable[Prescription], today: date) -> list[Medicine]:
    """Of chronic illness whatever was prescribed, of other medicines those whose course is not over."""
    taken = []
    for prescription in earlier:
        issued = india_day(prescription.issued_at)
        for line in prescription.lines.all():
            medicine = formulary().get(line.code)
            if medicine and (medicine.list in CHRONIC or issued + timedelta(days=line.days) > today):
                taken.append(medicine)
    return taken


def judge(
    consultation: Consultation,
    *,
    written: Written,
    mode: Mode,
    today: date,
    amended: bool = False,
) -> list[list[Finding]]:
    """For each line of what is to be issued, what speaks of it."""
    given = circumstances(
        consultation,
        clinical=written.clinical,
        conditions=[one.code or one.name for one in written.diagnoses],
        mode=mode,
        today=today,
        amended=amended,
    )
    return guidelines.judge_sheet(written.lines, given)
