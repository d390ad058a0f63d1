"""Row 6: what a consultation and a token cost with a million patients and five million past tokens, against none."""

from pathlib import Path

import psycopg

from bench import consultation, tokens
from bench import stack as stacks
from bench.result import Result, at_most, told
from bench.stack import Stack

MOST = 1.2
PAST = Path(__file__).with_name("growth.sql")
GROWN = ("registration", "tokens", "waiting", "consultation", "prescription", "notices", "audit", "django_session")

PLAIN_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
AND split_part(tablename, '_', 1) = ANY (%s) AND NOT EXISTS (
    SELECT FROM pg_constraint WHERE conname = indexname)
"""


def grow(stack: Stack) -> float:
    """Fill the database with a past; gigabytes that it takes then.

    Indexes are made after the rows and foreign keys looked at by nobody: that takes minutes instead of hours.
    """
    rooms = [name.partition("_")[0] for name in GROWN]
    with psycopg.connect(stack.environment["DATABASE_URL"], autocommit=True) as database:
        database.execute("SET session_replication_role = replica")
        database.execute("SET maintenance_work_mem = '1GB'")
        indexes = database.execute(PLAIN_INDEXES, [rooms]).fetchall()
        for name, _ in indexes:
            database.execute(f'DROP INDEX "{name}"')
        for statement in PAST.read_text().split(";\n"):
            if statement.strip():
                database.execute(statement)
        for _, definition in indexes:
            database.execute(definition)
        database.execute("VACUUM ANALYZE")
        row = database.execute("SELECT pg_database_size(current_database()) / 1e9").fetchone()
    return float(row[0]) if row else 0.0


def _costs(stack: Stack) -> tuple[float, float]:
    """CPU-ms of a consultation and of a token, all servers together."""
    with stacks.running(stack, web=2) as running:
        whole = 1000 * sum(consultation.counted(running)[0].values())
        return whole, tokens.issue(running).cpu_ms


def measure() -> list[Result]:
    """The same cluster, the same run: first empty, then grown."""
    with stacks.database() as server:
        empty = _costs(stacks.prepare(server, "empty"))
        stack = stacks.prepare(server, "grown")
        size = grow(stack)
        grown = _costs(stack)
    return [
        told("6 database with 1 million patients, 5 million tokens", size, "GB"),
        at_most("6 one whole consultation with them", grown[0], "CPU-ms", MOST * empty[0]),
        at_most("6 one token with them", grown[1], "CPU-ms", MOST * empty[1]),
        told("6 one whole consultation without them", empty[0], "CPU-ms"),
        told("6 one token without them", empty[1], "CPU-ms"),
    ]
