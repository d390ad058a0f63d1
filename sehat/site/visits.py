"""The demo patient's past: registered, seen, prescribed through the portal's own services, on days gone by."""

from datetime import datetime, timedelta

from django.db import transaction

from sehat.clinic.models import Doctor, Opd
from sehat.consultation import services as consultations
from sehat.desk import queries as desks
from sehat.desk import services as desk
from sehat.entitlement.rules import tidy_service_number
from sehat.notices.models import Notice
from sehat.prescription import dosage
from sehat.prescription import services as prescriptions
from sehat.prescription.diagnoses import classification
from sehat.prescription.dosage import Food
from sehat.prescription.formulary import formulary
from sehat.prescription.models import Prescription
from sehat.prescription.writing import LineWritten, Written
from sehat.registration import services as registration
from sehat.registration.models import Patient
from sehat.site import cast
from sehat.tokens import services as tokens
from sehat.waiting import services as waiting

CALL_LASTS = timedelta(minutes=9)


def past(*, now: datetime) -> None:
    """Give the sample patient her past, where she has none yet. All of it or nothing."""
    with transaction.atomic():
        patient = Patient.objects.filter(mobile=cast.PATIENT.person.mobile).first()
        if patient and Prescription.objects.filter(patient=patient).exists():
            return
        first = now - timedelta(days=cast.VISITS[0].days_ago)
        patient = patient or _registered(first)
        for visit in cast.VISITS:
            _visit(patient, visit, _morning(now - timedelta(days=visit.days_ago)))
        # They were sent at that time; the outbox page of the demo shows what arrives today.
        Notice.objects.filter(to=patient.mobile).delete()


def _morning(day: datetime) -> datetime:
    """Half past ten in India."""
    return day.replace(hour=5, minute=0, second=0, microsecond=0)


def _registered(moment: datetime) -> Patient:
    demo = cast.PATIENT
    return registration.register(
        mobile=demo.person.mobile,
        identity=registration.Identity(
            name=demo.person.name,
            gender=demo.gender,
            date_of_birth=demo.date_of_birth,
            only_age_known=False,
            category=demo.person.category,
            service_number=tidy_service_number(demo.person.service_number),
            relation=demo.relation,
        ),
        contact=registration.Contact(
            email="",
            address=demo.address,
            pincode=demo.pincode,
            state=demo.state,
            district=demo.district,
            city=demo.city,
            language=demo.language,
            special_need="",
        ),
        now=moment,
    )


def _visit(patient: Patient, visit: cast.DemoVisit, moment: datetime) -> None:
    doctor = Doctor.objects.select_related("staff", "opd", "hospital").get(staff__username=visit.doctor)
    token = tokens.issue(
        patient=patient,
        opd=Opd.objects.get(pk=doctor.opd_id),
        complaint=visit.complaint,
        duration=visit.duration,
        records=[],
        now=moment,
    )
    tokens.join(token=token, now=moment)
    desk.go_available(doctor=doctor, now=moment)
    waiting.press_call_now(token=token, now=moment)
    call = desks.open_call_of(doctor)
    if call is None:
        raise LookupError(f"{doctor} was not given the sample patient")
    consultation = consultations.answer(call=call, now=moment)
    ends = moment + CALL_LASTS
    prescriptions.issue(consultation=consultation, doctor=doctor, written=_written(visit), now=ends)
    consultations.finish(consultation=consultation, now=ends)
    desk.end_shift(doctor=doctor, now=ends)


def _written(visit: cast.DemoVisit) -> Written:
    diagnosis = classification().get(visit.diagnosis)
    if diagnosis is None:
        raise LookupError(visit.diagnosis)
    return Written(
        complaint=f"{visit.complaint}, {visit.duration}",
        findings=visit.findings,
        diagnoses=(diagnosis,),
        lines=tuple(line(medicine) for medicine in visit.medicines),
        advice=visit.advice,
    )


def line(demo: cast.DemoMedicine) -> LineWritten:
    """A medicine of the cast as a doctor's form gives it."""
    medicine = formulary().get(demo.label)
    if medicine is None:
        raise LookupError(demo.label)
    return LineWritten(
        medicine=medicine,
        dose=dosage.clean_dose(form=medicine.form, dose=demo.dose or medicine.usual_dose),
        frequency=dosage.parse_frequency(demo.frequency),
        food=Food(demo.food),
        days=demo.days,
    )
