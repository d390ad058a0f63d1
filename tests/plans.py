"""Which index a statement goes by, as the database itself says."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

BIG = re.compile(
    r"^(tokens_(token|tokenmove|healthrecord|followup|comeback)|notices_notice|audit_(entry|seal)|django_session"
    r"|registration_(patient|otp|consent)|waiting_(call|promise)|consultation_\w+|prescription_(prescription\w*|draft)"
    r"|letters_letter|pharmacy_(supply|supplymove|dispensed)|entitlement_registerentry|accounts_throttle|office_reportday)$"
)
"""Tables that grow with the patients and the years."""

Statement = tuple[str, Any]


@contextmanager
def watched() -> Iterator[list[Statement]]:
    """Every statement that is run in the block, savepoints left out."""
    seen: list[Statement] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
            seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


def scans(statement: Statement) -> list[str]:
    """What the statement would read from end to end of the tables that grow; empty where an index leads."""
    sql, params = statement
    if not sql.startswith(("SELECT", "UPDATE", "DELETE")):
        return []
    if " WHERE " not in sql and re.search(r" ORDER BY .* LIMIT ", sql):
        return []  # the first rows of an index, and no more
    return _postgresql(sql, params) if connection.vendor == "postgresql" else _sqlite(sql, params)


def as_new() -> None:
    """Empty the tables that grow, until the transaction ends: PostgreSQL takes new tables for equally large ones, where
    those that other tests have written in would be as large as chance has it, and so would the plans.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            big = ", ".join(name for name in connection.introspection.table_names(cursor) if BIG.match(name))
            cursor.execute(f"TRUNCATE {big} CASCADE")


def _postgresql(sql: str, params: Any) -> list[str]:
    # Only without the choice of reading tables whole, or of merging two of them from end to end, is the answer one of
    # five million rows. Where no index helps it reads them whole all the same.
    with transaction.atomic(), connection.cursor() as cursor:
        for way in ("seqscan", "mergejoin", "hashjoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        found = cursor.fetchone()[0]
        transaction.set_rollback(True)
    plan = found if isinstance(found, list) else json.loads(found)
    return [fault for node in _nodes(plan[0]["Plan"]) if (fault := _fault(node))]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _fault(node: dict[str, Any]) -> str:
    table, index = node.get("Relation Name", ""), node.get("Index Name", "")
    if node["Node Type"] == "Seq Scan" and BIG.match(table):
        return f"{table}: read whole"
    if index and "Index Cond" not in node and BIG.match(str(table or _table_of(index))) and not _is_partial(index):
        return f"{table}: the whole of {index}"
    return ""


def _sqlite(sql: str, params: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        steps = [str(row[3]) for row in cursor.fetchall()]
    tables = {alias: table for table, alias in re.findall(r'(?:FROM|JOIN) "(\w+)" (?:AS )?"?(\w+)', sql)}
    faults = []
    for step in steps:
        found = re.match(r"SCAN (?P<name>\w+)(?: USING (?:COVERING )?INDEX (?P<index>\w+))?", step)
        if found and not (found["index"] and _is_partial(found["index"])):
            table = tables.get(found["name"], str(found["name"]))
            if BIG.match(table):
                faults.append(f"{table}: {step}")
    return faults


def _is_partial(index: str) -> bool:
    """Whether the index holds the few rows only that its condition lets in."""
    return " WHERE " in _one("SELECT indexdef FROM pg_indexes WHERE indexname = %s", "sql", index)


def _table_of(index: str) -> str:
    return _one("SELECT tablename FROM pg_indexes WHERE indexname = %s", "tbl_name", index)


def _one(sql: str, column: str, name: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            sql = f"SELECT {column} FROM sqlite_master WHERE name = %s"
        cursor.execute(sql, [name])
        found = cursor.fetchone()
    return str(found[0]) if found and found[0] else ""
