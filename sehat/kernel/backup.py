"""One file that holds the whole portal, its keys left out: `sehat backup`, `sehat restore`.

The file is a tar: `database` first, then `files/…`, then `manifest.json`, by which a file that was cut off is known.
The portal may go on serving: the database is copied as it stands at one moment, and files, which never change once they
are written, after it. So a row's file is always there; one more without a row does no harm.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient

from sehat.kernel.clock import now
from sehat.kernel.files import private

FORMAT = 1
DATABASE, FILES, MANIFEST = "database", "files/", "manifest.json"


class BackupFault(Exception):
    """It cannot be done; the text says why and what to do."""


def write(target: Path) -> dict[str, Any]:
    """Write the backup, readable by its owner alone; what its manifest says. Refuses to write over a file."""
    if target.exists():
        raise BackupFault(f"{target} is there already: choose another name.")
    part = target.with_name(target.name + ".part")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            copy = Path(folder, DATABASE)
            _copy_database(copy)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                manifest = _pack(out, copy)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _pack(out: Any, copy: Path) -> dict[str, Any]:
    count = size = 0
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.add(copy, DATABASE)
        for path, name in _files():
            tar.add(path, FILES + name)
            count, size = count + 1, size + path.stat().st_size
        manifest = {
            "format": FORMAT,
            "made_at": now().isoformat(),
            "database": connection.vendor,
            "database_sha256": _sha256(copy),
            "files": count,
            "files_bytes": size,
        }
        text = json.dumps(manifest, indent=2).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(text), 0o600
        tar.addfile(entry, BytesIO(text))
    return manifest


def _folder() -> Path | None:
    """Where health records and papers lie; None where that is no folder of this host."""
    storage = private()
    return Path(storage.location) if isinstance(storage, FileSystemStorage) else None


def _files() -> Iterator[tuple[Path, str]]:
    """Each file, and its name below the folder."""
    if folder := _folder():
        yield from ((path, path.relative_to(folder).as_posix()) for path in sorted(folder.rglob("*")) if path.is_file())


def restore(source: Path) -> dict[str, Any]:
    """Bring a backup into an empty portal; what its manifest says. Everything is looked at before anything is written.

    Refuses a file that is no backup, or not whole, one of the other kind of database, and a portal that is not empty.
    """
    try:
        with tarfile.open(source) as tar, tempfile.TemporaryDirectory() as folder:
            manifest = _manifest(tar)
            tar.extract(DATABASE, folder, filter="data")
            copy = Path(folder, DATABASE)
            if _sha256(copy) != manifest["database_sha256"]:
                raise BackupFault(f"The database in {source} is damaged: take another backup.")
            _must_be_empty()
            _unpack_files(tar)
            _bring_in_database(copy)
    except (tarfile.TarError, KeyError, ValueError, EOFError) as error:
        raise BackupFault(f"{source} is not a whole backup of this portal: {error}") from error
    return manifest


def _manifest(tar: tarfile.TarFile) -> dict[str, Any]:
    held = tar.extractfile(MANIFEST)
    manifest: dict[str, Any] = json.load(held) if held else {}
    if manifest.get("format") != FORMAT:
        raise BackupFault(f"The backup is of format {manifest.get('format')}; this portal reads {FORMAT}.")
    if manifest["database"] != connection.vendor:
        raise BackupFault(
            f"The backup is of a portal on {manifest['database']}, and this one is on {connection.vendor}: set"
            " DATABASE_URL."
        )
    found = sum(one.isfile() and one.name.startswith(FILES) for one in tar.getmembers())
    if found != manifest["files"]:
        raise BackupFault(f"The backup holds {found} files and should hold {manifest['files']}: it is damaged.")
    return manifest


def _unpack_files(tar: tarfile.TarFile) -> None:
    folder = _folder()
    files = [one for one in tar.getmembers() if one.isfile() and one.name.startswith(FILES)]
    if not files:
        return
    if folder is None:
        raise BackupFault("The backup holds files: set SEHAT_FILES to a folder, restore, and copy them to the bucket.")
    folder.mkdir(parents=True, exist_ok=True)
    for one in files:
        one.name = one.name.removeprefix(FILES)
        tar.extract(one, folder, filter="data")


def _must_be_empty() -> None:
    if connection.introspection.table_names():
        raise BackupFault("The database is not empty: restore into a fresh one, before `sehat migrate`.")
    if any(True for _ in _files()):
        raise BackupFault(f"{_folder()} is not empty: restore into a fresh folder.")


def _copy_database(copy: Path) -> None:
    if connection.vendor == "sqlite":
        name = connection.settings_dict["NAME"]
        with closing(sqlite3.connect(f"file:{name}?mode=ro", uri=True)) as live, closing(sqlite3.connect(copy)) as into:
            live.backup(into)
    else:
        _postgresql("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")


def _bring_in_database(copy: Path) -> None:
    if connection.vendor == "sqlite":
        connection.close()
        with closing(sqlite3.connect(copy)) as held, closing(sqlite3.connect(connection.settings_dict["NAME"])) as into:
            held.backup(into)
    else:
        _postgresql("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(copy))


def _postgresql(program: str, *options: str) -> None:
    """Run one of PostgreSQL's own programs on our database; the password goes by the environment."""
    if shutil.which(program) is None:
        raise BackupFault(f"{program} is not installed (Debian: postgresql-client).")
    (_, *where, name), environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    command = [program, *where, f"--dbname={name}", *options]
    done = subprocess.run(  # noqa: S603 (our own words)
        command, env=os.environ | (environment or {}), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupFault(f"{program}: {done.stderr.strip()}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
