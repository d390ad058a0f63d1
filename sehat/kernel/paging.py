"""Long lists a page at a time, by the key of the last row shown."""

from collections.abc import Iterable

from django.db.models import Model


def cut[Row: Model](found: Iterable[Row], size: int) -> tuple[list[Row], int | None]:
    """The first `size` of the rows, of which one more was asked for, and the key to go on with; None at the end."""
    rows = list(found)
    return rows[:size], rows[size - 1].pk if len(rows) > size else None
