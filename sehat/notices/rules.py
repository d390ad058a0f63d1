"""To whom, on which channel, how often tried, and what of a notice may stay in the database."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


class Channel(StrEnum):
    """How a notice travels."""

    SMS = "sms"
    EMAIL = "email"


class State(StrEnum):
    """Where a notice stands. `sending` is held by one worker until `next_try_at`."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class Reachable(Protocol):
    """Anyone who can be written to; a Patient is one, a Recipient another."""

    @property
    def mobile(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def language(self) -> str: ...


@dataclass(frozen=True)
class Recipient:
    """Somebody who is no patient (yet): `mobile` in ten digits or E.164, `language` "en" or "hi"."""

    mobile: str
    email: str = ""
    language: str = "en"


MAX_TRIES = 6
LEASE = timedelta(minutes=1)
"""A worker that died while sending holds the notice no longer than this; more than any gateway's timeout."""


def back_off(tries: int) -> timedelta:
    """How long to wait after the `tries`-th failure: 5 s, then four times longer each, at most an hour."""
    return timedelta(seconds=min(5 * 4 ** (tries - 1), 3600))


def masked(text: str) -> str:
    """The text without its codes: every run of four digits or more becomes dots."""
    return re.sub(r"\d{4,}", lambda run: "•" * len(run[0]), text)
