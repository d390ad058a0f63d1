"""The one place that reads the clock. Services and rules are given `now`, so that tests can turn it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

INDIA = ZoneInfo("Asia/Kolkata")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return timezone.now()


def india_day(moment: datetime) -> date:
    """The calendar day in India at `moment`: the OPD day of a token."""
    return moment.astimezone(INDIA).date()
