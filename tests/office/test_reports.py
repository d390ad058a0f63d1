"""Reports and their CSV; what patients said."""

import csv
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse

from sehat.audit.models import Entry
from sehat.clinic.models import Doctor, Hospital, Opd
from sehat.consultation import services as consultations
from sehat.consultation.models import Feedback
from sehat.prescription.models import Objection, Prescription
from tests.conftest import Served

pytestmark = pytest.mark.django_db


def _table(answer_text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(answer_text.removeprefix("\ufeff"))))


@pytest.fixture
def said(issued: Prescription, ten_o_clock: datetime) -> Feedback:
    """Asha was seen, has her prescription, and says how it was."""
    consultations.give_feedback(
        consultation=issued.consultation, stars=2, text="My stomach was not asked about.", now=ten_o_clock
    )
    return Feedback.objects.get()


def test_a_day_of_the_own_hospital(commandants: Client, said: Feedback, served: Served, at_ten: datetime) -> None:
    served(10, 20, 30)
    Objection.objects.create(consultation=said.consultation, rule="video", overruled=False)
    page = commandants.get(reverse("office:reports")).content.decode()
    assert "Mon 23 Nov 2026" in page
    assert "List A without video" in page
    (row,) = _table(commandants.get(reverse("office:reports_csv")).content.decode())
    assert row["From"] == "2026-11-23"
    assert (row["Tokens"], row["Completed"], row["Treated"]) == ("4", "1", "1")
    assert (row["Feedback, number"], row["Feedback, mean"]) == ("1", "2.00")
    rules = _table(commandants.get(reverse("office:reports_csv"), {"what": "rules"}).content.decode())
    assert rules == [{"Rule": "List A without video", "Refused": "1", "Overruled": "0"}]
    assert Entry.objects.filter(action="report.download").count() == 2


def test_no_clinical_word_and_no_name_is_in_a_report(hqs: Client, said: Feedback, at_ten: datetime) -> None:
    for name in ("reports", "reports_csv", "board"):
        text = hqs.get(reverse(f"office:{name}")).content.decode()
        for word in ("Asha", "9876543211", "Fever", "PARACETAMOL", "stomach", said.consultation.token.code):
            assert word not in text, (name, word)


@pytest.mark.parametrize("by", ["day", "week", "opd"])
def test_by_day_week_and_opd(hqs: Client, served: Served, opd: Opd, medicine: Opd, at_ten: datetime, by: str) -> None:
    served(5, 5)
    served(5, opd=medicine)
    rows = _table(hqs.get(reverse("office:reports_csv"), {"by": by}).content.decode())
    first = {"day": "2026-11-23", "week": "2026-11-23", "opd": "General OPD"}[by]
    assert rows[0]["From"] == first
    assert sum(int(row["Tokens"]) for row in rows) == 3
    (one,) = _table(hqs.get(reverse("office:reports_csv"), {"by": by, "opd": str(medicine.pk)}).content.decode())
    assert one["Tokens"] == "1"
    assert one["Wait, median (min)"] == "15"


def test_another_hospitals_doctors_are_not_counted(
    commandants: Client, said: Feedback, dr_rao: Doctor, dr_iyer: Doctor, at_ten: datetime
) -> None:
    """The OPD's tokens are; of calls and consultations only what the own doctors did."""
    elsewhere = Hospital.objects.create(name="Naval Hospital Sagarpur", city="Sagarpur", state="Maharashtra")
    Doctor.objects.filter(pk=dr_rao.pk).update(hospital=elsewhere)
    (row,) = _table(commandants.get(reverse("office:reports_csv")).content.decode())
    assert (row["Tokens"], row["Calls"], row["Completed"], row["Treated"]) == ("1", "0", "0", "0")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"frm": "2026-11-23", "to": "2026-11-22"}, "must not lie before"),
        ({"frm": "2020-01-01", "to": "2026-11-22"}, "three months"),
        ({"frm": "soon"}, "valid date"),
        ({"by": "minute"}, "minute"),
        ({"opd": "999"}, "valid choice"),
    ],
)
def test_a_senseless_report(hqs: Client, opd: Opd, at_ten: datetime, asked: dict[str, str], why: str) -> None:
    answer = hqs.get(reverse("office:reports"), asked)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert hqs.get(reverse("office:reports_csv"), asked).status_code == 422


def test_what_patients_wrote_needs_a_recorded_reason(hqs: Client, said: Feedback, at_ten: datetime) -> None:
    address = reverse("office:said")
    assert "2.0" in hqs.get(address).content.decode()
    assert "stomach" not in hqs.get(address).content.decode()
    short = hqs.post(address, {"reason": "why not"})
    assert short.status_code == 422
    assert "stomach" not in short.content.decode()
    page = hqs.post(address, {"reason": "Complaint 17 of the station commander"}).content.decode()
    assert "My stomach was not asked about." in page
    assert "Asha" not in page
    (entry,) = Entry.objects.filter(action="feedback.read")
    assert entry.details["reason"] == "Complaint 17 of the station commander"


def test_old_feedback_is_not_in_the_month(hqs: Client, said: Feedback, ten_o_clock: datetime, at_ten: datetime) -> None:
    token = said.consultation.token
    token.day = ten_o_clock.date() - timedelta(days=31)
    token.save()
    assert "No patient has given feedback yet" in hqs.get(reverse("office:said")).content.decode()
