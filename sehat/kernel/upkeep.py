"""What PostgreSQL is to do for a table without being asked; said by the migration of the room that owns the table."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

CHANGES = 5000
"""So many changed rows, and the statistics are taken anew: a second of one core, at most once a minute."""


def statistics_within_the_day(*tables: str) -> RunPython:
    """A migration's operation for tables that hold years of rows, of which a few hundred are open today.

    Left to itself PostgreSQL looks again when a tenth of all rows has changed, which is never within one day. From the
    night's statistics it takes the indexes of the open rows for empty, any of them for as good as another, and reads
    all who wait to find the token of one. On SQLite there is nothing to do: it keeps no statistics of its own accord.
    """

    def tell(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            for table in tables:
                editor.execute(
                    f"ALTER TABLE {editor.quote_name(table)} SET"
                    f" (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = {CHANGES})"
                )

    return RunPython(tell, RunPython.noop)
