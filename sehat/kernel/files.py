"""Private storage: health records and prescriptions. Nothing in it has a public address; views hand files out.

`SEHAT_FILES` says where it lies: a folder (`Folder`) or a bucket (`kernel.bucket.Bucket`). A store that does not answer
is one refusal for both, `StoreAway`, raised where the store is asked: forms show it and keep what was typed.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any, cast

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db.models import QuerySet
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal

log = logging.getLogger(__name__)

SETTLED = timedelta(hours=1)
"""A file is written before its row commits; after this no transaction can still be open."""
AT_ONCE = 500
"""Names that are looked up together."""
CHECK = "check"
"""The folder that `try_out` writes into."""


class StoreAway(Refusal):
    """The store of files does not answer, is full, or lacks a file that a row names. Carries `reason`, for the log."""

    status = 503
    sentence = _(
        "We cannot keep or open files at the moment. What you sent before is safe. Please try again in a minute."
    )


class Careful(Storage):
    """A storage whose troubles are told as `StoreAway`. Comes before the storage that does the work."""

    TROUBLES: tuple[type[Exception], ...] = (OSError,)

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Around every question to the store. Neither log nor error names a file: its name opens a prescription."""
        try:
            yield
        except self.TROUBLES as error:
            reason = self.reason(error)
            log.error("the store of files failed: %s", reason)  # noqa: TRY400 (a traceback would hold the name)
            raise StoreAway(reason=reason) from None

    def reason(self, error: Exception) -> str:
        """What the store said, in a few words and without the name of a file."""
        return (isinstance(error, OSError) and error.strerror) or type(error).__name__

    def written(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """The name, without the folder's, and the time of the last change of each file in a folder; of none where there
        is no folder."""
        raise NotImplementedError

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        """Under this name, or one like it where it is taken: nothing is ever overwritten."""
        with self.asked():
            return super().save(name, content, max_length)

    def open(self, name: str, mode: str = "rb") -> File:
        """To be read from the beginning."""
        with self.asked():
            return super().open(name, mode)

    def delete(self, name: str) -> None:
        """No error where it is gone already."""
        with self.asked():
            super().delete(name)

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        with self.asked():
            return super().exists(name)


class Folder(Careful, FileSystemStorage):
    """A folder of this host, or one that several hosts mount."""

    def written(self, folder: str) -> Iterator[tuple[str, datetime]]:
        """From one look through the folder."""
        with self.asked():
            try:
                with os.scandir(self.path(folder)) as entries:
                    found = [(entry.name, entry.stat().st_mtime) for entry in entries if entry.is_file()]
            except FileNotFoundError:
                found = []
        for name, changed in found:
            yield name, datetime.fromtimestamp(changed, UTC)


def private() -> Careful:
    """The storage named `private` in the settings (`SEHAT_FILES`); a callable, so that migrations name no folder."""
    return cast(Careful, storages["private"])


def discard(name: str) -> None:
    """Take a file away that no row came to name, while something else is told. A store that is away keeps it for
    `sweep`."""
    try:
        private().delete(name)
    except StoreAway:
        log.warning("a file that nothing names stays for the sweep")


def try_out() -> None:
    """Write, list, read and delete a small file. Raises StoreAway, or ValueError where it comes back changed."""
    storage, content = private(), get_random_string(32).encode()
    name = storage.save(f"{CHECK}/{get_random_string(22)}", ContentFile(content))
    try:
        listed = [found for found, _changed in storage.written(CHECK)]
        with storage.open(name) as file:
            if file.read() != content or name.rpartition("/")[2] not in listed:
                raise ValueError("what was written is not what is read")
    finally:
        storage.delete(name)


def sweep(rows: QuerySet[Any], root: str, *, now: datetime) -> int:
    """Delete files that no row names; returns how many. A process that died between file and commit leaves one.

    Files lie in `root/YYYY/MM/DD/<ref>`; the days before and after `now` are looked at, and rows by their `ref`.
    """
    storage, gone = private(), 0
    for day in (now - timedelta(days=1), now, now + timedelta(days=1)):
        folder = f"{root}/{day:%Y/%m/%d}"
        old = (name for name, changed in storage.written(folder) if changed < now - SETTLED)
        for some in batched(old, AT_ONCE):
            by_ref = {name.partition(".")[0]: f"{folder}/{name}" for name in some}
            for ref in by_ref.keys() - set(rows.filter(ref__in=by_ref).values_list("ref", flat=True)):
                storage.delete(by_ref[ref])
                gone += 1
    return gone
