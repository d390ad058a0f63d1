"""`sehat key`: makes, lists and revokes the keys of HQ's machines where nobody of HQ has a login yet."""

import sys

from sehat.api import keys
from sehat.api.models import HqKey
from sehat.kernel.clock import INDIA, now


def add(*, name: str, days: int) -> int:
    """Make a key; it is written to the output this once."""
    text, key = keys.make(name=name, days=days, by=None, now=now())
    sys.stdout.write(f"{text}\n")
    sys.stderr.write(
        f"It is not shown again. It counts until {key.expires_at.astimezone(INDIA):%d %B %Y, %H:%M} IST.\n"
    )
    return 0


def show() -> int:
    """One line for each: handle, whether it counts, until when, last use, name."""
    moment = now()
    for key in HqKey.objects.order_by("id"):
        state = "valid" if key.counts(moment) else "revoked" if key.revoked_at else "expired"
        used = f"{key.used_at.astimezone(INDIA):%Y-%m-%d %H:%M}" if key.used_at else "never used"
        sys.stdout.write(
            f"{key.handle}  {state:7}  until {key.expires_at.astimezone(INDIA):%Y-%m-%d}  {used:16}  {key.name}\n"
        )
    return 0


def revoke(*, handle: str) -> int:
    """Revoke the key of that handle. Exit code 1: there is none that could be revoked."""
    key = HqKey.objects.filter(handle=handle).first()
    if key is None or not keys.revoke(key=key, by=None, now=now()):
        sys.stderr.write(f"No key that counts has the handle {handle}: sehat key list shows them.\n")
        return 1
    sys.stdout.write(f"{key.handle} ({key.name}) is revoked.\n")
    return 0
