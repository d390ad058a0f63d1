"""Reads of the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet

from sehat.kernel.prepared import prepared
from sehat.notices.models import OPEN, Notice
from sehat.notices.rules import State

LATELY = timedelta(hours=24)


AT_ONCE = 100


@prepared
def _due(now: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(state__in=OPEN, next_try_at__lte=now).order_by("next_try_at", "pk")[:AT_ONCE]


def due(*, now: datetime, limit: int = AT_ONCE) -> list[Notice]:
    """Notices to be tried at `now`, the longest waiting first, at most `AT_ONCE`."""
    return _due(now)[:limit]


def newest(*, to: str = "", but_to: str, limit: int = 200) -> Sequence[Notice]:
    """The newest notices, to one mobile number or e-mail address, or to all whose number does not begin with
    `but_to`.
    """
    notices = Notice.objects.order_by("-pk")
    return list((notices.filter(to=to) if to else notices.exclude(to__startswith=but_to))[:limit])


@dataclass(frozen=True)
class Backlog:
    """How the outbox stands: what waits, since how many minutes, and what was given up within a day."""

    pending: int
    oldest: int
    failed: int


def backlog(*, now: datetime) -> Backlog:
    """The outbox of the whole portal, in two queries."""
    unsent = Notice.objects.filter(state__in=OPEN).aggregate(count=Count("pk"), first=Min("created_at"))
    failed = Notice.objects.filter(state=State.FAILED, created_at__gte=now - LATELY).count()
    oldest = int((now - unsent["first"]) / timedelta(minutes=1)) if unsent["first"] else 0
    return Backlog(pending=unsent["count"], oldest=max(0, oldest), failed=failed)
