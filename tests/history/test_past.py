"""Past consultations: the patient's own for ever, the doctor's while they are together."""

from datetime import datetime, timedelta

from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from sehat.audit.models import Entry
from sehat.clinic.models import Doctor
from sehat.consultation import services as consultation_services
from sehat.consultation.models import Consultation
from sehat.desk import services as desk
from sehat.history import queries
from sehat.papers.rules import Kind, new_letters, written_number
from sehat.prescription import services
from sehat.prescription.models import Prescription
from sehat.prescription.writing import Written
from sehat.registration.models import Patient
from tests.consultation.conftest import Meet

HTMX = {"HX-Request": "true"}


def test_the_patient_reads_what_was_without_a_clinical_word(issued: Prescription, patients_browser: Client) -> None:
    page = patients_browser.get(reverse("history:past")).content.decode()
    assert "Lt Col Arvind Rao" in page
    assert reverse("prescription:rx", args=[issued.ref]) in page
    assert reverse("prescription:pdf", args=[issued.ref]) in page
    for clinical in ("Fever", "PARACETAMOL", "Paracetamol"):
        assert clinical not in page


def test_as_part_of_the_waiting_room_it_is_a_part(issued: Prescription, patients_browser: Client) -> None:
    page = patients_browser.get(reverse("history:past"), headers=HTMX).content.decode()
    assert "<html" not in page
    assert "Lt Col Arvind Rao" in page


def test_a_stranger_is_led_to_the_login(db: None) -> None:
    assert "/login/" in Client().get(reverse("history:past")).headers["Location"]


def test_nothing_yet_is_said(asha: Patient, patients_browser: Client) -> None:
    assert "No past consultations yet." in patients_browser.get(reverse("history:past")).content.decode()


def test_the_past_comes_ten_at_a_time_and_asks_no_more_as_it_grows(
    issued: Prescription,
    patients_browser: Client,
    ten_o_clock: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    Prescription.objects.bulk_create(
        Prescription(
            number=written_number(Kind.PRESCRIPTION, new_letters()),
            consultation=issued.consultation,
            patient=issued.patient,
            issued_at=ten_o_clock + timedelta(days=day),
            status="revoked",
            mode=issued.mode,
            people=issued.people,
            complaint="-",
            diagnoses=[],
            size=1,
            sha256="",
        )
        for day in range(1, 25)
    )
    first = queries.past_of(issued.patient)
    assert len(first.visits) == 10
    second = queries.past_of(issued.patient, before=first.older)
    third = queries.past_of(issued.patient, before=second.older)
    seen = [one.prescription.pk for past in (first, second, third) for one in past.visits]
    assert len(seen) == len(set(seen)) == 25
    assert third.older is None
    assert seen[-1] == issued.pk
    with django_assert_max_num_queries(5):
        patients_browser.get(reverse("history:past"))


def test_the_doctor_reads_it_only_while_the_patient_is_there(
    issued: Prescription,
    met: Consultation,
    meet: Meet,
    asha: Patient,
    dr_rao: Doctor,
    dr_iyer: Doctor,
    written: Written,
    doctors_browser: Client,
    ten_o_clock: datetime,
) -> None:
    consultation_services.finish(consultation=met, now=ten_o_clock)
    desk.end_shift(doctor=Doctor.objects.get(pk=dr_rao.pk), now=ten_o_clock)
    again = meet(asha, dr_iyer)
    hers = Client()
    hers.force_login(dr_iyer.staff, backend="sehat.accounts.backend.StaffBackend")
    past = reverse("history:of_patient", args=[again.ref])

    page = hers.get(past, headers=HTMX).content.decode()
    assert "PARACETAMOL" in page
    assert "Fever, unspecified" in page
    assert Entry.objects.filter(action="history.read").count() == 1
    assert doctors_browser.get(past, headers=HTMX).status_code == 404

    services.issue(consultation=again, doctor=dr_iyer, written=written, now=ten_o_clock)
    consultation_services.finish(consultation=again, now=ten_o_clock)
    assert hers.get(past, headers=HTMX).status_code == 404
