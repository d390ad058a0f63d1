"""Write an entry; seal what was written; check the seals."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction

from sehat.audit.models import Entry, Seal
from sehat.kernel.clock import now as clock_now
from sehat.kernel.rows import insert

# A transaction may commit after one that took a later id; seals wait until none can still be open.
SETTLED = timedelta(minutes=1)
FIRST_LINK = "0" * 64


def name_of(thing: models.Model | str | None) -> str:
    """`room.model:pk` for a row, the text itself for a text, `portal` for None."""
    if thing is None:
        return "portal"
    return thing if isinstance(thing, str) else f"{thing._meta.label_lower}:{thing.pk}"


def record(*, actor: models.Model | str | None, action: str, subject: models.Model | str, **details: Any) -> None:
    """Write one entry, inside the transaction of the change. `details`: no names, no clinical text."""
    insert(entry(actor=actor, action=action, subject=subject, **details))


def entry(*, actor: models.Model | str | None, action: str, subject: models.Model | str, **details: Any) -> Entry:
    """The entry that `record` writes, for one that is written together with other rows (`kernel.rows.insert`)."""
    return Entry(at=clock_now(), actor=name_of(actor), action=action, subject=name_of(subject), details=details)


def _digest(before: str, entries: Iterable[Entry]) -> tuple[str, int]:
    running, rows = hashlib.sha256(before.encode()), 0
    for entry in entries:
        fields = [entry.pk, entry.at.isoformat(), entry.actor, entry.action, entry.subject, entry.details]
        running.update(json.dumps(fields, sort_keys=True, default=str).encode())
        rows += 1
    return running.hexdigest(), rows


def seal(*, now: datetime, limit: int = 5000) -> Seal | None:
    """Chain the settled entries since the last seal; None where there are none."""
    with transaction.atomic():
        before = Seal.objects.order_by("last").last()
        start = before.last if before else 0
        entries = list(Entry.objects.filter(id__gt=start, at__lt=now - SETTLED).order_by("id")[:limit])
        if not entries:
            return None
        digest, rows = _digest(before.digest if before else FIRST_LINK, entries)
        return Seal.objects.create(at=now, first=entries[0].pk, last=entries[-1].pk, rows=rows, digest=digest)


def first_broken_seal() -> Seal | None:
    """The first seal which the entries no longer agree with; None where the whole record is whole."""
    before, start = FIRST_LINK, 0
    for mark in Seal.objects.order_by("last").iterator():
        entries = Entry.objects.filter(id__gt=start, id__lte=mark.last).order_by("id").iterator()
        digest, rows = _digest(before, entries)
        if (digest, rows) != (mark.digest, mark.rows):
            return mark
        before, start = mark.digest, mark.last
    return None
