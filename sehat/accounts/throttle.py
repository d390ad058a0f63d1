"""Locks out guessers: counts tries under a key, and locks the key when they are spent (domain.md, step 3).

A try is taken *before* it is made and given back by `forgive`, so that many requests at once cannot win
extra ones. Every change is a compare-and-set on one row; nothing here may run inside a transaction that a
refusal rolls back.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from django.db.models import QuerySet
from django.http import HttpRequest

from sehat.accounts.errors import LockedOut
from sehat.accounts.models import Throttle
from sehat.kernel.prepared import prepared
from sehat.kernel.rows import change, insert_new, remove

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries within the window; the last of them locks."""

    name: str
    tries: int
    window: timedelta = QUARTER
    lock: timedelta = QUARTER
    renews: bool = False
    """Every try starts the window anew: then no stretch of that length ever holds more tries."""

    def key(self, who: str) -> str:
        """What stands in the row: a hash, so that the table is no list of mobiles."""
        return sha256(f"{self.name}:{who}".encode()).hexdigest()


WRONG_TOKENS = Limit("wrong token", tries=5, renews=True)
WRONG_MOBILES = Limit("wrong mobiles of an address", tries=5)
"""Counts mobiles and not tries: one who fumbles must not lock everybody behind the same address."""
_MOBILE_OF_ADDRESS = Limit("wrong mobile of an address", tries=10_000)


def address_of(request: HttpRequest) -> str:
    """Where the request comes from; of IPv6 the network of one household, as its addresses are free."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


@prepared
def _of(key: str) -> QuerySet[Throttle]:
    return Throttle.objects.filter(key=key)


def check(limit: Limit, who: str, *, now: datetime) -> None:
    """Take no try; raise `LockedOut` where the key is locked."""
    row = _of.first(limit.key(who))
    if row and row.locked_until and row.locked_until > now:
        raise _locked(row, now)


def spend(limit: Limit, who: str, *, now: datetime) -> int:
    """Take one try and return its number within the window, from 1; raise `LockedOut` when none is left."""
    key = limit.key(who)
    while True:
        row = _of.first(key)
        if row is None:
            if insert_new(Throttle(key=key, failures=1, window_started_at=now)):
                return 1
            continue  # another request made the row in between
        if row.locked_until and row.locked_until > now:
            raise _locked(row, now)
        fresh = bool(row.locked_until) or row.window_started_at + limit.window <= now
        failures = 1 if fresh else row.failures + 1
        was = {"pk": row.pk, "failures": row.failures, "window_started_at": row.window_started_at}
        to = {
            "failures": failures,
            "window_started_at": now if fresh or limit.renews else row.window_started_at,
            "locked_until": now + limit.lock if failures >= limit.tries else None,
        }
        if change(Throttle, was, to):
            return failures


def forgive(limit: Limit, who: str) -> None:
    """The try was right: forget the wrong ones before it."""
    remove(Throttle, {"key": limit.key(who)})


def note_wrong_mobile(address: str, mobile: str, *, now: datetime) -> None:
    """A wrong try for that mobile came from that address; the fifth mobile locks the address."""
    if spend(_MOBILE_OF_ADDRESS, f"{address} {mobile}", now=now) > 1:
        return
    try:
        spend(WRONG_MOBILES, address, now=now)
    except LockedOut:
        return  # locked by another request in between: the next one will be told


def forget_old(*, now: datetime) -> int:
    """Delete rows that count for nothing any more; return how many. For the sweep, once a day."""
    deleted, _by_table = (
        Throttle.objects.filter(window_started_at__lt=now - timedelta(days=1)).exclude(locked_until__gt=now).delete()
    )
    return deleted


def _locked(row: Throttle, now: datetime) -> LockedOut:
    until = row.locked_until or now
    return LockedOut(minutes=ceil((until - now).total_seconds() / 60))
