"""How long an app stays signed in, and what it holds. Plain Python."""

import secrets
from datetime import timedelta
from hashlib import sha256

LIVES = timedelta(days=30)
"""From the OTP on; then the mobile is to be proved anew."""
LENGTH = 32  # bytes of randomness


def new_key() -> str:
    """What the app keeps and sends with each request: 43 letters, 256 random bits."""
    return secrets.token_urlsafe(LENGTH)


def digest_of(key: str) -> str:
    """What the database keeps of it. The key is random, so that a plain hash cannot be guessed back."""
    return sha256(key.encode()).hexdigest()
