"""Asks the guidelines of a consultation: what is known of the patient, and what speaks of each line."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.conf import settings

from sehat.consultation.models import Consultation
from sehat.consultation.rules import Mode
from sehat.kernel.clock import INDIA, india_day
from sehat.prescription import guidelines, queries
from sehat.prescription.formulary import Medicine, formulary
from sehat.prescription.guidelines import ADULT_MONTHS, CHRONIC, Allergy, Circumstances, Earlier, Finding, Pregnancy
from sehat.prescription.interactions import interactions
from sehat.prescription.models import Prescription
from sehat.prescription.writing import Clinical, Written
from sehat.registration.models import Patient
from sehat.registration.rules import Gender

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
) -> Circumstances:
    """What the rules ask of this patient and consultation. What was prescribed in this very consultation is left out:
    it is being amended.
    """
    patient = consultation.token.patient
    known = formulary()
    since = datetime.combine(today - timedelta(days=31 * (settings.FOLLOW_UP_MONTHS + 1)), time(), INDIA)
    earlier = queries.earlier(consultation, since=since)
    written = [medicine for words in clinical.in_use for medicine in known.recognise(words)]
    return Circumstances(
        mode=mode,
        follow_up=guidelines.is_follow_up(
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
        pregnancy=Pregnancy(clinical.pregnancy),
        allergies=tuple(Allergy(words, tuple(known.recognise(words))) for words in clinical.allergies or ()),
        in_use=tuple(dict.fromkeys([*written, *_still_taken(earlier, today)])),
        kidney_disease=clinical.kidney_disease,
        interactions=interactions(),
    )


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
) -> list[list[Finding]]:
    """For each line of what is to be issued, what speaks of it."""
    given = circumstances(
        consultation,
        clinical=written.clinical,
        conditions=[one.code or one.name for one in written.diagnoses],
        mode=mode,
        today=today,
    )
    return guidelines.judge_sheet(written.lines, given)
