"""A database that is away: which errors say so, and what the asker is told instead.

Everything else that a database refuses (a table that is not there, a broken promise, a deadlock) is a fault of ours.
"""

import sqlite3

from django.db import DatabaseError, OperationalError
from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal

POSTGRESQL = ("08", "53", "57P01", "57P02", "57P03", "25P03", "25006")
"""SQLSTATEs, or how they begin: the connection; no room (connections, memory, disk); the server stops or starts; it has
given up a host that was cut off; it has become the standby."""
SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
LAST_BYTE = 0xFF
"""SQLite's extended codes hold the plain one there."""


class DatabaseAway(Refusal):
    """The database does not answer, is full, or was locked for longer than anybody waits."""

    status = 503
    sentence = _(
        "Our records cannot be reached at the moment. Your place in the queue and everything you sent before are safe. "
        "Please try again in a minute."
    )


class NotSaved(DatabaseAway):
    """The same, told to who sent something."""

    sentence = _(
        "Our records cannot be reached at the moment, so what you sent just now could not be saved. "
        "Please press again in a minute."
    )


def is_away(error: BaseException | None) -> bool:
    """Whether this error says that the database is away.

    Django tells a refused, lost or waited-for connection by the same error as much else; the driver's own error behind
    it says which. psycopg has no SQLSTATE for what its own end finds: nobody there, the line lost, no connection of the
    pool free in time. Its InterfaceError is never about the line.
    """
    if not isinstance(error, DatabaseError) or error.__cause__ is None:
        return False
    code: int | None = getattr(error.__cause__, "sqlite_errorcode", None)
    if code is not None:
        return code & LAST_BYTE in SQLITE
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, OperationalError) if state is None else state.startswith(POSTGRESQL)
