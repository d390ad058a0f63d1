"""What must be right before the portal serves. Each check ends the process with one line that says what to set.

What comes and goes by itself stops nobody: a Redis that does not answer costs only speed (architecture.md), so it
is told and not refused; a password that it refuses is.
"""

import logging
import sys
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from sehat.config import env
from sehat.kernel import files as kernel_files

PATIENCE = 5  # seconds for a server to answer
OLDEST_POSTGRESQL = 15
CLOCK_SECONDS = 600
"""A clock further off than this makes OTPs (15 minutes) useless; less is survived, as every deadline is stored."""


def serving(*, processes: int = 1) -> None:
    """All that `sehat serve` and `sehat worker` need; `processes` of them hear each other through Redis."""
    _host_and_database()
    if processes > 1 and not settings.REDIS_URL:
        env.stop("REDIS_URL", "should name a Redis, as several processes hear each other only through it")
    if settings.REDIS_URL and (trouble := redis_trouble()):
        sys.stderr.write(f"REDIS_URL: {trouble}; pages ask by themselves until it answers\n")


def everything() -> None:
    """All that `serving` looks at, with nothing forgiven: for `sehat check`."""
    _host_and_database()
    files()
    if settings.REDIS_URL and (trouble := redis_trouble()):
        env.stop("REDIS_URL", trouble)
    if not (settings.SECOND_FACTOR_REQUIRED or settings.SEHAT_DEMO):
        sys.stderr.write(
            "SEHAT_SECOND_FACTOR: is optional, so a password alone may open patients' records; required is safer\n"
        )


def _host_and_database() -> None:
    database()
    clock()
    migrations()
    static_files()


def _one_line(error: BaseException) -> str:
    """What a server said, in one line: the last reason that it gave."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def database() -> None:
    """The database answers, and is not older than the portal can use."""
    if connection.vendor != "postgresql":
        try:
            connection.ensure_connection()
        except Error as error:
            env.stop("DATABASE_URL", f"should name a database that can be opened: {_one_line(error)}")
        return
    import psycopg

    # Not through the pool, which would try in the background for as long as a page may wait and keep the reason.
    parameters: dict[str, Any] = connection.get_connection_params() | {"connect_timeout": PATIENCE}
    try:
        with psycopg.connect(**parameters) as asked:
            version = asked.info.server_version // 10000
    except psycopg.OperationalError as error:
        env.stop("DATABASE_URL", f"should name a database that lets the portal in: {_one_line(error)}")
    if version < OLDEST_POSTGRESQL:
        env.stop("DATABASE_URL", f"should name a PostgreSQL of version {OLDEST_POSTGRESQL} or newer, not {version}")


def clock() -> None:
    """This host and the database agree on the time."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    off = (datetime.now(UTC) - theirs).total_seconds()
    if abs(off) > CLOCK_SECONDS:
        ahead = "ahead of" if off > 0 else "behind"
        env.stop(
            "clock",
            f"should be set by NTP (chrony or systemd-timesyncd): this host is {abs(off):.0f} s {ahead} the database",
        )


def migrations() -> None:
    """Every table is there as this version knows it. A database that is ahead is served: an update is under way."""
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except Error as error:
        env.stop("DATABASE_URL", f"should name a database that can be read: {_one_line(error)}")
    if missing:
        env.stop("DATABASE_URL", f"names a database that lacks {missing} migrations: run `sehat migrate` first")


def static_files() -> None:
    """The pages' style sheets, scripts and fonts have been collected on this host."""
    if not (settings.STATIC_ROOT / "staticfiles.json").is_file():
        env.stop("DATA", f"holds no static files in {settings.STATIC_ROOT}: run `sehat migrate` on this host first")


def files() -> None:
    """The store of files takes a file, lists it, gives it back and lets it be deleted."""
    logging.getLogger(kernel_files.__name__).disabled = True  # one line is enough
    try:
        kernel_files.try_out()
    except kernel_files.StoreAway as error:
        place = "bucket" if settings.FILES.startswith("s3://") else "folder"
        env.stop(
            "SEHAT_FILES", f"should name a {place} that the portal can write, list and read: {error.values['reason']}"
        )
    except ValueError as error:
        env.stop("SEHAT_FILES", f"should name a store that keeps what it is given: {error}")


def redis_trouble() -> str:
    """Why Redis does not answer, or "" where it does. Stops where it refuses the password."""
    import redis

    from sehat.live import relay

    client = relay.client()
    try:
        client.ping()
    except (redis.AuthenticationError, redis.ResponseError) as error:
        env.stop(
            "REDIS_URL", f"should hold the right password, as in redis://:password@host:6379/0: {_one_line(error)}"
        )
    except redis.RedisError as error:
        return f"names a Redis that does not answer: {_one_line(error)}"
    finally:
        client.close()
    return ""
