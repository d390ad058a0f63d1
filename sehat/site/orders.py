"""The demo patient's medicines: an order of before, and one that waits at the store, by the portal's own services."""

from datetime import datetime, timedelta

from django.db import transaction

from sehat.accounts.models import Staff
from sehat.clinic import queries as clinic
from sehat.clinic.models import Store
from sehat.notices.models import Notice
from sehat.pharmacy import queries, services
from sehat.pharmacy.models import Supply
from sehat.pharmacy.packing import Packed
from sehat.pharmacy.rules import State
from sehat.pharmacy.services import Choice, Place
from sehat.prescription.models import Prescription
from sehat.registration.models import Patient
from sehat.site import cast


def past(*, now: datetime) -> None:
    """Give the sample patient her orders, where she has none yet. All of it or nothing."""
    with transaction.atomic():
        patient = Patient.objects.filter(mobile=cast.PATIENT.person.mobile).first()
        staff = Staff.objects.filter(username=cast.STOREKEEPER).first()
        store = clinic.store_of(staff) if staff else None
        if not (patient and staff and store) or Supply.objects.filter(patient=patient).exists():
            return
        newest, older = Prescription.objects.filter(patient=patient).order_by("-issued_at")[:2]
        _delivered(older, store, staff)
        _half_given(newest, store, staff, now=now)
        # They were sent at that time; the outbox page of the demo shows what arrives today.
        Notice.objects.filter(to=patient.mobile).delete()


def _delivered(prescription: Prescription, store: Store, staff: Staff) -> None:
    """All of it, sent home."""
    patient, moment = prescription.patient, prescription.issued_at
    place = Place(patient.address, patient.city, patient.state, patient.pincode)
    supply = services.choose(
        patient=patient, prescription=prescription, choice=Choice(store, place), now=moment + timedelta(hours=1)
    )
    services.begin(supply=supply, staff=staff, now=moment + timedelta(hours=3))
    packed = [Packed(rest.line, rest.left) for rest in queries.rests(prescription)]
    services.pack(
        supply=supply,
        packed=packed,
        staff=staff,
        now=moment + timedelta(hours=4),
        then=State.SENT,
        parcel="EJ000000001IN",
    )
    services.confirm_arrival(supply=supply, now=moment + timedelta(days=2))


def _half_given(prescription: Prescription, store: Store, staff: Staff, *, now: datetime) -> None:
    """A part over the counter; the rest is ordered now."""
    moment = prescription.issued_at + timedelta(hours=2)
    supply = services.serve(prescription=prescription, store=store, staff=staff, now=moment)
    packed = [Packed(rest.line, rest.left // 2) for rest in queries.rests(prescription)]
    services.pack(supply=supply, packed=packed, staff=staff, now=moment, then=State.HANDED_OVER)
    services.choose(
        patient=prescription.patient, prescription=prescription, choice=Choice(store), now=now - timedelta(minutes=20)
    )
