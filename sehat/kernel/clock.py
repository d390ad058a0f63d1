"""The one place that reads the clock. Services and rules are given `now`, so that tests can turn it."""

import logging
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

log = logging.getLogger(__name__)

INDIA = ZoneInfo("Asia/Kolkata")

TOLERANCE = timedelta(seconds=1)
"""The database's clock is followed where it differs by more; less may be the way there and back."""

ASKED = 3
"""How often the database is asked for its clock; the quickest answer is the truest."""

_off = timedelta(0)


def now() -> datetime:
    """The present moment, aware, in UTC, by the clock that all processes share (`follow_database`)."""
    return timezone.now() + _off


def follow_database() -> None:
    """Go by the database's clock from here on, so that hosts whose clocks differ agree on every deadline.

    A host five minutes ahead would call every Call Now missed that another host has just made (domain.md, "The
    queue": a clock that jumped must not lose or double anything). SQLite has no clock but this host's.
    """
    global _off
    if connection.vendor != "postgresql":
        return
    connection.ensure_connection()
    way, found = min(_ask_database() for _ in range(ASKED))
    if way > TOLERANCE:
        return  # too slow an answer to set a clock by
    found = found if abs(found) > TOLERANCE else timedelta(0)
    if abs(found - _off) > TOLERANCE:
        log.warning("this host's clock is off by %.0f s: the database's is followed", -found.total_seconds())
    _off = found


def _ask_database() -> tuple[timedelta, timedelta]:
    """How long it took to ask, and how far the database's clock is ahead of this host's; right to half the former."""
    asked = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    way = timezone.now() - asked
    return way, theirs - asked - way / 2


def india_day(moment: datetime) -> date:
    """The calendar day in India at `moment`: the OPD day of a token."""
    return moment.astimezone(INDIA).date()
