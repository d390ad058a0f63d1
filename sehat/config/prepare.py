"""Makes a fresh clone ready to serve. Each step looks first and does nothing where nothing has changed."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from sehat.config import messages
from sehat.kernel import fonts


def everything() -> None:
    """Messages, fonts, static files and the database, in the order in which they need each other."""
    with _one_at_a_time():
        messages.compile_all()
        fonts.build(settings.BUILD_DIR / "static" / "fonts")
        static_files()
    database()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    # The folder may serve several data folders (SEHAT_BUILD), which somebody brings up to date at the same moment.
    with (settings.BUILD_DIR / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def static_files() -> None:
    """Collect, name by content and compress the static files, where one is new or changed."""
    state = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(ignore_patterns=None):
            state.update(f"{name} {storage.size(name)} {storage.get_modified_time(name)}\n".encode())
    stamp = settings.BUILD_DIR / "collected-of"
    if stamp.exists() and stamp.read_text() == state.hexdigest():
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(state.hexdigest())


def database() -> None:
    """Bring the tables up to date."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
