"""What the pool of connections to PostgreSQL is told, so that a server that went away is noticed and forgotten."""

import select
from typing import Any

import psycopg

LINE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""A host that is cut off from the database learns of it within 15 to 25 s, and not after TCP's quarter of an hour."""

OTHER_END = {
    "idle_in_transaction_session_timeout": "15s",
    "tcp_keepalives_idle": 10,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": "15s",
}
"""And the database of a host that is cut off: its locks must not hold up the others."""


def line_is_open(connection: "psycopg.Connection[Any]") -> None:
    """Raise where the server has closed the connection. Costs no round trip.

    On a line at rest there is nothing to read but the server's farewell, or its end. Where one line has ended the
    others have too: the pool is emptied at once, as it pauses for ever longer between two that it finds dead.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if not poll.poll(0):
        return
    connection.close()  # or the pool would take it back as good
    if (pool := getattr(connection, "_pool", None)) is not None:
        pool.drain()
    raise psycopg.OperationalError("the server has closed the connection")


def options(given: dict[str, Any]) -> dict[str, Any]:
    """Django's `OPTIONS`; what the URL gave goes first."""
    return {
        **LINE,
        "options": " ".join(f"-c {name}={value}" for name, value in OTHER_END.items()),
        **given,
        "pool": {
            "min_size": 2,
            "max_size": 24,
            "timeout": 5,
            # An attempt that fails for so long is given up, and the next page makes a new one: left alone, the
            # pool doubles its pauses, and stays away as long again as the server did.
            "reconnect_timeout": 4,
            "check": line_is_open,
        },
        "prepare_threshold": 1,
        "server_side_binding": True,
    }
