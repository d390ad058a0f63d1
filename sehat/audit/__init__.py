"""Append-only record of who did what. A row is written with the change; seals chain the rows by hash."""
