"""Private storage: health records and prescriptions. Nothing in it has a public address; views hand files out."""

from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import Storage, storages
from django.db.models import QuerySet

SETTLED = timedelta(hours=1)
"""A file is written before its row commits; after this no transaction can still be open."""


def private() -> Storage:
    """The storage named `private` in the settings (`SEHAT_FILES`); a callable, so that migrations name no folder."""
    return storages["private"]


def sweep(rows: QuerySet[Any], root: str, *, now: datetime) -> int:
    """Delete files that no row names; returns how many. A process that died between file and commit leaves one.

    Files lie in `root/YYYY/MM/DD/<ref>`; the days before and after `now` are looked at, and rows by their `ref`.
    """
    storage, gone = private(), 0
    for day in (now - timedelta(days=1), now, now + timedelta(days=1)):
        folder = f"{root}/{day:%Y/%m/%d}"
        if not storage.exists(folder):
            continue
        by_ref = {name.partition(".")[0]: f"{folder}/{name}" for name in storage.listdir(folder)[1]}
        old = {ref: name for ref, name in by_ref.items() if storage.get_modified_time(name) < now - SETTLED}
        for ref in old.keys() - set(rows.filter(ref__in=old).values_list("ref", flat=True)):
            storage.delete(old[ref])
            gone += 1
    return gone
