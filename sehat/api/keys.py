"""Verbs of the keys of HQ's machines: make one, use it, revoke it."""

from datetime import datetime, timedelta

from django.db import transaction

from sehat.accounts import throttle
from sehat.accounts.errors import LockedOut
from sehat.accounts.models import Staff
from sehat.api.errors import TooOften
from sehat.api.models import HqKey
from sehat.api.rules import digest_of, new_hq_key, read_hq_key
from sehat.audit import services as audit

MINUTE = timedelta(minutes=1)
USES = throttle.Limit("uses of an HQ key", tries=121, window=MINUTE, lock=MINUTE)
"""120 a minute; the next one waits a minute."""
WRONG_KEYS = throttle.Limit("wrong HQ keys of an address", tries=20)


def make(*, name: str, days: int, by: Staff | None, now: datetime) -> tuple[str, HqKey]:
    """A new key, told this once and kept as a hash. `by`: who made it, None where a command did."""
    parts = new_hq_key()
    with transaction.atomic():
        key = HqKey.objects.create(
            handle=parts.handle,
            digest=digest_of(parts.secret),
            name=name,
            made_by=by,
            expires_at=now + timedelta(days=days),
        )
        audit.record(actor=by or "command", action="hq_key.make", subject=key, days=days)
    return str(parts), key


def revoke(*, key: HqKey, by: Staff | None, now: datetime) -> bool:
    """It opens nothing any more; False where it was revoked before."""
    with transaction.atomic():
        if not HqKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now, revoked_by=by):
            return False
        audit.record(actor=by or "command", action="hq_key.revoke", subject=key)
    return True


def use(sent: str, *, address: str, now: datetime) -> HqKey | None:
    """The key that was sent, if it counts. None where it does not, or is none of HQ's.

    Refuses a key that is used too often (TooOften), and an address from which too many wrong ones came (LockedOut).
    """
    parts = read_hq_key(sent)
    if parts is None:
        return None
    key = HqKey.objects.filter(handle=parts.handle).first()
    # Of an unknown handle as much is compared as of a known one.
    fits = parts.fits(key.digest if key else digest_of(""))
    if key is None or not fits or not key.counts(now):
        throttle.spend(WRONG_KEYS, address, now=now)
        return None
    try:
        throttle.spend(USES, key.handle, now=now)
    except LockedOut:
        raise TooOften from None
    HqKey.objects.filter(pk=key.pk).update(used_at=now)
    return key
