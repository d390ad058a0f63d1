"""Whose OPD it is, where staff serve, and when a duty of the roster holds."""

from datetime import time

import pytest

from sehat.accounts.models import Staff
from sehat.clinic import queries
from sehat.clinic.models import Doctor, Hospital, Opd
from sehat.clinic.rules import DutyPart, duty_now


@pytest.mark.parametrize(
    ("part", "hours"),
    [(DutyPart.WHOLE, {9, 12, 13, 16}), (DutyPart.FORENOON, {9, 12}), (DutyPart.AFTERNOON, {13, 16})],
)
def test_the_afternoon_begins_at_one(part: DutyPart, hours: set[int]) -> None:
    assert {hour for hour in (9, 12, 13, 16) if duty_now(part, time(hour))} == hours


@pytest.mark.django_db
def test_a_hospital_has_the_opds_that_it_runs_and_those_its_doctors_sit_in(
    hospital: Hospital, opd: Opd, medicine: Opd, dr_rao: Doctor
) -> None:
    assert list(queries.opds_of(hospital)) == [opd]
    medicine.hospital = hospital
    medicine.save()
    assert list(queries.opds_of(hospital)) == [opd, medicine]
    elsewhere = Hospital.objects.create(name="Naval Hospital Sagarpur", city="Sagarpur", state="Maharashtra")
    assert not queries.opds_of(elsewhere)
    assert list(queries.opds_of(None)) == [opd, medicine]


@pytest.mark.django_db
def test_where_staff_serve(hospital: Hospital, dr_rao: Doctor, commandant: Staff, hq: Staff) -> None:
    assert [queries.hospital_of(staff) for staff in (commandant, dr_rao.staff, hq)] == [hospital, hospital, None]
