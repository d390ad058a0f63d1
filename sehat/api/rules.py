"""What apps and HQ's machines hold, and for how long it counts. Plain Python."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest

LIVES = timedelta(days=30)
"""From the OTP on; then the mobile is to be proved anew."""
LENGTH = 32  # bytes of randomness


def new_key() -> str:
    """What the app keeps and sends with each request: 43 letters, 256 random bits."""
    return secrets.token_urlsafe(LENGTH)


def digest_of(key: str) -> str:
    """What the database keeps of it. The key is random, so that a plain hash cannot be guessed back."""
    return sha256(key.encode()).hexdigest()


NAME_LENGTH = 60  # letters: of what an HQ key is called
KEY_DAYS = (30, 90, 180, 365)
"""For how long HQ may give a key; nothing lives for ever."""
USUAL_KEY_DAYS = 90
HQ_PREFIX = "sehat-hq"
"""So that a key that has leaked is recognised for what it is."""


@dataclass(frozen=True, slots=True)
class KeyParts:
    """An HQ key taken apart: the half by which it is found, and the secret."""

    handle: str
    secret: str

    def __str__(self) -> str:
        return f"{HQ_PREFIX}.{self.handle}.{self.secret}"

    def fits(self, digest: str) -> bool:
        """Whether it is the secret of that hash; takes as long for any."""
        return compare_digest(digest_of(self.secret), digest)


def new_hq_key() -> KeyParts:
    """A random one: 48 bits to find it by, 256 to prove it."""
    return KeyParts(secrets.token_hex(6), new_key())


def read_hq_key(text: str) -> KeyParts | None:
    """A key that somebody sent, taken apart; None where it is not written like one."""
    prefix, _, rest = text.partition(".")
    handle, _, secret = rest.partition(".")
    return KeyParts(handle, secret) if prefix == HQ_PREFIX and handle and secret else None
