"""Nameless people for tests that play whole OPD days at random; the cast with names stands in `conftest.py`."""

from datetime import UTC, date, datetime

from sehat.accounts.models import Staff
from sehat.clinic.models import Doctor, Hospital, Opd
from sehat.registration.models import Patient

TEN = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
"""Ten o'clock in India, on a Monday."""


def one_opd(*, doctors: int, patients: int) -> tuple[Opd, list[Doctor], list[Patient]]:
    """A General OPD with doctors who are offline, and patients of ever fewer years who have no token yet."""
    opd = Opd.objects.create(code="G", name="General", name_hi="सामान्य", kind="general")
    hospital = Hospital.objects.create(name="MH", city="Pune", state="Maharashtra")
    at_work = [
        Doctor.objects.create(
            staff=Staff.objects.create(username=f"d{n}", role="doctor"),
            hospital=hospital,
            opd=opd,
            qualification="MBBS",
            registration_number=str(n),
            council="MMC",
            languages="Hindi",
        )
        for n in range(doctors)
    ]
    at_home = Patient.objects.bulk_create(
        Patient(
            patient_id=f"{n:012d}",
            mobile=f"987650000{n}",
            mobile_proved_at=TEN,
            name=f"Patient {n}",
            gender="female",
            date_of_birth=date(1950 + 10 * n, 1, 1),
            category="serving",
            service_number=f"S{n}000",
            address="-",
            pincode="411001",
            state="Maharashtra",
            district="Pune",
            city="Pune",
        )
        for n in range(patients)
    )
    return opd, at_work, at_home
