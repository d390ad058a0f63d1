"""References that may stand in a link: random, so that knowing one says nothing of another."""

import secrets


def new_ref() -> str:
    """22 url-safe characters holding 128 random bits."""
    return secrets.token_urlsafe(16)
