"""Fills an empty portal with the cast of the demo; run again, it adds what is missing and changes nothing."""

from django.contrib.auth.hashers import make_password
from django.db import transaction

from sehat.accounts.models import Staff
from sehat.clinic.models import Doctor, Hospital, Opd, Posting, Store
from sehat.entitlement.models import RegisterEntry
from sehat.entitlement.rules import Category, tidy_service_number
from sehat.kernel.clock import now
from sehat.site import cast, orders, visits


def demo() -> None:
    """Places, staff, the register, and one patient with a past."""
    with transaction.atomic():
        hospitals = _hospitals()
        opds = _opds(hospitals)
        _staff(hospitals, opds)
        _register()
        _stores(hospitals)
    visits.past(now=now())
    orders.past(now=now())


def _hospitals() -> list[Hospital]:
    return [
        Hospital.objects.get_or_create(name=name, defaults={"city": city, "state": state, "phone": phone})[0]
        for name, city, state, phone in cast.HOSPITALS
    ]


def _stores(hospitals: list[Hospital]) -> None:
    for hospital, (address, hours, sends_home) in zip(hospitals, cast.STORES, strict=True):
        Store.objects.get_or_create(
            hospital=hospital, defaults={"address": address, "hours": hours, "sends_home": sends_home}
        )


def _opds(hospitals: list[Hospital]) -> dict[str, Opd]:
    run_by = {code: hospitals[place] for code, place in cast.RUN_BY.items()}
    return {
        code: Opd.objects.get_or_create(
            code=code, defaults={"name": name, "name_hi": name_hi, "kind": kind, "hospital": run_by.get(code)}
        )[0]
        for code, name, name_hi, kind in cast.OPDS
    }


def _staff(hospitals: list[Hospital], opds: dict[str, Opd]) -> None:
    known = set(Staff.objects.values_list("username", flat=True))
    new = [person for person in cast.STAFF if person.username not in known]
    # Hashing is slow on purpose; one password for all takes it once.
    password = make_password(cast.PASSWORD) if new else ""
    for person in new:
        staff = Staff.objects.create(
            username=person.username,
            password=password,
            role=person.role,
            first_name=person.first_name,
            last_name=person.last_name,
        )
        if person.doctor:
            Doctor.objects.create(
                staff=staff,
                hospital=hospitals[person.doctor.hospital],
                opd=opds[person.doctor.opd],
                rank=person.doctor.rank,
                qualification=person.doctor.qualification,
                registration_number=person.doctor.registration_number,
                council=person.doctor.council,
                languages=person.doctor.languages,
                contact=hospitals[person.doctor.hospital].phone,
            )
    for staff in Staff.objects.filter(username__in=cast.POSTED, posting=None):
        Posting.objects.create(staff=staff, hospital=hospitals[cast.POSTED[staff.username]])


def _register() -> None:
    for person in cast.PEOPLE:
        if person.category != Category.DEPENDENT:
            RegisterEntry.objects.get_or_create(
                service_number=tidy_service_number(person.service_number),
                defaults={
                    "name": person.name,
                    "mobile": person.mobile,
                    "category": person.category,
                    "unit": person.unit,
                },
            )
