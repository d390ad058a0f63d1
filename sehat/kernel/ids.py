"""References that may stand in a link: random, so that knowing one says nothing of another; and keys of rows."""

import secrets

LONGEST_KEY = 19
"""Digits at which a number may be larger than any key that a database holds."""


def new_ref() -> str:
    """22 url-safe characters holding 128 random bits."""
    return secrets.token_urlsafe(16)


def read_key(text: str) -> int | None:
    """The key of a row, as an address or a form names it; None where no key looks like that."""
    return int(text) if text.isdecimal() and len(text) < LONGEST_KEY else None
