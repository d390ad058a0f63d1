"""When the OPD is open."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from pytest_django import Settings

from sehat.clinic import queries
from sehat.clinic.errors import OpdClosed
from sehat.clinic.models import Holiday, Opd, OpeningHours
from sehat.clinic.rules import DEFAULT_HOURS, Hours, next_session, session_at
from sehat.kernel.clock import INDIA
from sehat.registration.models import Patient
from sehat.tokens import services as tokens

MONDAY_10 = datetime(2026, 11, 23, 10, tzinfo=INDIA)
SATURDAY_18 = datetime(2026, 11, 28, 18, tzinfo=INDIA)


def no_holiday(day: date) -> bool:
    return False


def test_monday_at_ten_is_open_until_five() -> None:
    session = session_at(MONDAY_10, DEFAULT_HOURS, no_holiday, INDIA)
    assert session is not None
    assert session.closes == MONDAY_10.replace(hour=17)


def test_closing_time_is_closed() -> None:
    assert session_at(MONDAY_10.replace(hour=17), DEFAULT_HOURS, no_holiday, INDIA) is None


def test_sunday_is_closed_and_opens_on_monday() -> None:
    sunday = MONDAY_10 - timedelta(days=1)
    assert session_at(sunday, DEFAULT_HOURS, no_holiday, INDIA) is None
    upcoming = next_session(sunday, DEFAULT_HOURS, no_holiday, INDIA)
    assert upcoming is not None
    assert upcoming.opens == MONDAY_10.replace(hour=9)


def test_tokens_open_half_an_hour_early() -> None:
    early = MONDAY_10.replace(hour=8, minute=30)
    assert session_at(early, DEFAULT_HOURS, no_holiday, INDIA) is None
    assert session_at(early, DEFAULT_HOURS, no_holiday, INDIA, early=timedelta(minutes=30)) is not None
    almost = early - timedelta(seconds=1)
    assert session_at(almost, DEFAULT_HOURS, no_holiday, INDIA, early=timedelta(minutes=30)) is None


def test_saturday_evening_opens_on_monday_unless_that_is_a_holiday() -> None:
    monday = date(2026, 11, 30)
    upcoming = next_session(SATURDAY_18, DEFAULT_HOURS, monday.__eq__, INDIA)
    assert upcoming is not None
    assert upcoming.opens.date() == date(2026, 12, 1)


def test_a_lunch_break_is_two_stretches() -> None:
    hours = [Hours(0, time(14), time(17)), Hours(0, time(9), time(13))]
    assert session_at(MONDAY_10.replace(hour=13, minute=30), hours, no_holiday, INDIA) is None
    upcoming = next_session(MONDAY_10, hours, no_holiday, INDIA)
    assert upcoming is not None
    assert upcoming.opens.hour == 14


def test_an_opd_that_never_opens_has_no_next_session() -> None:
    assert next_session(MONDAY_10, [], no_holiday, INDIA) is None


@pytest.mark.django_db
def test_own_hours_take_the_place_of_the_default(opd: Opd, settings: Settings) -> None:
    settings.OPEN_AT_ANY_HOUR = False
    now = MONDAY_10.astimezone(UTC)
    assert queries.calendar(opd, now=now).session(now) is not None
    OpeningHours.objects.create(opd=opd, weekday=0, opens=time(14), closes=time(16))
    assert queries.calendar(opd, now=now).session(now) is None


@pytest.mark.django_db
def test_a_holiday_of_all_opds_closes_this_one(opd: Opd, settings: Settings) -> None:
    settings.OPEN_AT_ANY_HOUR = False
    now = MONDAY_10.astimezone(UTC)
    Holiday.objects.create(day=MONDAY_10.date(), name="Guru Nanak Jayanti")
    assert queries.calendar(opd, now=now).session(now) is None


@pytest.mark.django_db
def test_a_closed_opd_says_when_it_opens(asha: Patient, opd: Opd, settings: Settings) -> None:
    settings.OPEN_AT_ANY_HOUR = False
    with pytest.raises(OpdClosed) as refusal:
        tokens.issue(patient=asha, opd=opd, complaint="Fever", duration="", records=[], now=SATURDAY_18.astimezone(UTC))
    assert "Monday, 30 November, 09:00" in str(refusal.value)
