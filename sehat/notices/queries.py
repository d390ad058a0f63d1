"""Reads of the outbox."""

from collections.abc import Sequence
from datetime import datetime

from sehat.notices.models import OPEN, Notice


def due(*, now: datetime, limit: int) -> list[Notice]:
    """Notices to be tried at `now`, the longest waiting first."""
    return list(Notice.objects.filter(state__in=OPEN, next_try_at__lte=now).order_by("next_try_at", "pk")[:limit])


def newest(*, to: str = "", limit: int = 200) -> Sequence[Notice]:
    """The newest notices, to one mobile number or e-mail address or to all."""
    notices = Notice.objects.order_by("-pk")
    return list((notices.filter(to=to) if to else notices)[:limit])
