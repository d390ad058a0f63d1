"""Roster, hours and holidays of the own hospital."""

from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from sehat.audit.models import Entry
from sehat.clinic.models import Doctor, Duty, Holiday, Hospital, Opd, OpeningHours
from sehat.clinic.rules import DutyPart
from sehat.office.forms import HoursForm

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 23)


@pytest.fixture
def elsewhere(medicine: Opd, dr_nair: Doctor) -> Hospital:
    """Another hospital, which runs Medicine and has Dr Nair."""
    other = Hospital.objects.create(name="Naval Hospital Sagarpur", city="Sagarpur", state="Maharashtra")
    Opd.objects.filter(pk=medicine.pk).update(hospital=other)
    Doctor.objects.filter(pk=dr_nair.pk).update(hospital=other)
    return other


def test_the_roster_of_a_week(commandants: Client, dr_rao: Doctor, dr_iyer: Doctor, at_ten: datetime) -> None:
    address = reverse("office:roster")
    sent = {
        f"duty-{dr_rao.pk}-{MONDAY}": "whole",
        f"duty-{dr_rao.pk}-{MONDAY + timedelta(days=1)}": "",
        f"duty-{dr_iyer.pk}-{MONDAY}": "afternoon",
        f"duty-{dr_iyer.pk}-{MONDAY + timedelta(days=1)}": "all night long",
    }
    assert commandants.post(address, sent).status_code == 302
    assert set(Duty.objects.values_list("doctor", "day", "part")) == {
        (dr_rao.pk, MONDAY, "whole"),
        (dr_iyer.pk, MONDAY, "afternoon"),
    }
    commandants.post(address, {f"duty-{dr_rao.pk}-{MONDAY}": "forenoon", f"duty-{dr_iyer.pk}-{MONDAY}": ""})
    assert list(Duty.objects.values_list("doctor", "part")) == [(dr_rao.pk, "forenoon")]
    assert Entry.objects.filter(action="roster.set").count() == 2
    page = commandants.get(address, {"week": "2026-11-25"}).content.decode()
    assert '<option value="forenoon" selected>' in page


def test_the_week_before_fills_empty_days_only(
    commandants: Client, dr_rao: Doctor, dr_iyer: Doctor, at_ten: datetime
) -> None:
    before = MONDAY - timedelta(days=7)
    Duty.objects.create(doctor=dr_rao, day=before, part=DutyPart.WHOLE)
    Duty.objects.create(doctor=dr_iyer, day=before, part=DutyPart.WHOLE)
    Duty.objects.create(doctor=dr_iyer, day=MONDAY, part=DutyPart.AFTERNOON)
    commandants.post(reverse("office:roster"), {"copy": "1"})
    assert set(Duty.objects.filter(day=MONDAY).values_list("doctor", "part")) == {
        (dr_rao.pk, "whole"),
        (dr_iyer.pk, "afternoon"),
    }


def test_nobody_elses_doctor_is_put_on_the_roster(
    commandants: Client, elsewhere: Hospital, dr_nair: Doctor, dr_rao: Doctor, at_ten: datetime
) -> None:
    commandants.post(reverse("office:roster"), {f"duty-{dr_nair.pk}-{MONDAY}": "whole"})
    assert not Duty.objects.exists()
    assert "Nair" not in commandants.get(reverse("office:roster")).content.decode()


@pytest.mark.parametrize("week", ["", "yesterday", "0001-01-01", "9999-12-31", "2026-13-45"])
def test_a_senseless_week_is_this_week(commandants: Client, dr_rao: Doctor, at_ten: datetime, week: str) -> None:
    page = commandants.get(reverse("office:roster"), {"week": week})
    assert "23 November" in page.content.decode()


def test_hours_with_a_break(commandants: Client, opd: Opd, hospital: Hospital, at_ten: datetime) -> None:
    Opd.objects.filter(pk=opd.pk).update(hospital=hospital)
    sent = {"opens_0_0": "08:00", "closes_0_0": "12:00", "opens_0_1": "14:00", "closes_0_1": "18:30"}
    assert commandants.post(reverse("office:hours_of", args=["G"]), sent).status_code == 302
    assert list(OpeningHours.objects.order_by("opens").values_list("weekday", "opens", "closes")) == [
        (0, time(8), time(12)),
        (0, time(14), time(18, 30)),
    ]
    page = commandants.get(reverse("office:hours")).content.decode()
    assert "08:00–12:00, 14:00–18:30" in page
    assert "closed" in page
    commandants.post(reverse("office:hours_of", args=["G"]), {})
    assert not OpeningHours.objects.exists()  # the default again


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"opens_0_0": "09:00"}, "both times"),
        ({"opens_0_0": "17:00", "closes_0_0": "09:00"}, "must close after it opens"),
        ({"opens_0_0": "9 o'clock", "closes_0_0": "12:00"}, "like 09:00"),
        (
            {"opens_0_0": "09:00", "closes_0_0": "13:00", "opens_0_1": "12:00", "closes_0_1": "17:00"},
            "after the first has ended",
        ),
    ],
)
def test_hours_that_make_no_sense(
    commandants: Client, opd: Opd, hospital: Hospital, sent: dict[str, str], why: str
) -> None:
    Opd.objects.filter(pk=opd.pk).update(hospital=hospital)
    answer = commandants.post(reverse("office:hours_of", args=["G"]), sent)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert f'value="{sent["opens_0_0"].replace("'", "&#x27;")}"' in answer.content.decode()
    assert not OpeningHours.objects.exists()


def test_the_form_shows_what_stands(opd: Opd) -> None:
    monday = next(iter(HoursForm().days))
    assert str(monday.name) == "Monday"
    assert 'value="09:00"' in str(monday.pairs[0][0])
    assert 'value="17:00"' in str(monday.pairs[0][1])


def test_nobody_elses_hours_and_holidays(
    commandants: Client, elsewhere: Hospital, medicine: Opd, opd: Opd, dr_rao: Doctor, at_ten: datetime
) -> None:
    """Not another hospital's OPD, and not one that HQ runs."""
    theirs = Holiday.objects.create(opd=medicine, day=MONDAY, name="Navy Day")
    everybodys = Holiday.objects.create(day=MONDAY, name="Guru Nanak Jayanti")
    for code in ("M", "G"):
        assert commandants.post(reverse("office:hours_of", args=[code]), {}).status_code == 404
    for holiday in (theirs, everybodys):
        assert commandants.post(reverse("office:remove_holiday", args=[holiday.pk])).status_code == 404
    sent = {"opd": medicine.pk, "day": "2026-12-01", "name": "Ours"}
    assert commandants.post(reverse("office:hours"), sent).status_code == 422
    assert Holiday.objects.count() == 2


def test_a_holiday_comes_and_goes(commandants: Client, opd: Opd, hospital: Hospital, at_ten: datetime) -> None:
    Opd.objects.filter(pk=opd.pk).update(hospital=hospital)
    address = reverse("office:hours")
    sent = {"opd": opd.pk, "day": "2026-12-04", "name": "Navy Day"}
    assert commandants.post(address, sent).status_code == 302
    assert "already" in commandants.post(address, sent).content.decode()
    past = commandants.post(address, sent | {"day": "2026-11-22"})
    assert past.status_code == 422
    assert "from today on" in past.content.decode()
    holiday = Holiday.objects.get()
    assert "Navy Day" in commandants.get(address).content.decode()
    commandants.post(reverse("office:remove_holiday", args=[holiday.pk]))
    assert not Holiday.objects.exists()
    assert set(Entry.objects.values_list("action", flat=True)) >= {"holiday.add", "holiday.remove"}
