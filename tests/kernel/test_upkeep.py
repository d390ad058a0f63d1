"""What PostgreSQL does for the tables by itself."""

import re
from collections import Counter

import pytest
from django.db import connection

from sehat.kernel.upkeep import CHANGES
from tests.plans import BIG

pytestmark = pytest.mark.django_db


def _told_apart_by_statistics_alone() -> list[str]:
    """Tables with two indexes of the same few rows: which one leads to a row, PostgreSQL knows by statistics only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        conditions = [(table, *re.findall(r" WHERE (.*)", text)) for table, text in cursor.fetchall()]
    seen = Counter(found for found in conditions if len(found) == 2)
    return sorted({table for (table, _), times in seen.items() if times > 1 and BIG.match(table)})


def test_the_statistics_of_the_open_rows_are_of_today() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'")
            assert cursor.fetchone() == (0,)  # there are none that could be out of date
        return
    tables = _told_apart_by_statistics_alone()
    assert {"tokens_token", "waiting_call", "consultation_consultation"} <= {*tables}
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, reloptions FROM pg_class WHERE relname = ANY (%s)", [tables])
        told = {table: {*(options or ())} for table, options in cursor.fetchall()}
    for table in tables:
        assert f"autovacuum_analyze_threshold={CHANGES}" in told[table], table
        assert "autovacuum_analyze_scale_factor=0" in told[table], table
