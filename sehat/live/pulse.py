"""Signs of life of web processes and workers, and what they count, kept in the database.

All moments are the database's own: a host whose clock is off is no dead one.
"""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

from django.db import DatabaseError
from django.db.models import F, Sum
from django.db.models.functions import Now

from sehat.kernel import clock
from sehat.kernel.ids import new_ref
from sehat.live.asking import ask
from sehat.live.counts import Drop, counts
from sehat.live.models import Pulse, SocketDrops

log = logging.getLogger(__name__)

EVERY_SECONDS = 10.0
ALIVE = timedelta(seconds=35)
"""A process that was silent for longer counts as dead."""
FORGOTTEN = timedelta(hours=1)


class Heart:
    """The pulse of this process, as a worker or as a web process."""

    def __init__(self, *, is_worker: bool) -> None:
        self.is_worker = is_worker
        self.name = f"{socket.gethostname()[:80]}:{os.getpid()}:{new_ref()}"

    def beat(self, *, sockets: int = 0, dropped: Mapping[Drop, int] | None = None) -> None:
        """Say that this process lives, how many sockets it serves, and how many more it has dropped, by reason."""
        if not Pulse.objects.filter(name=self.name).update(sockets=sockets, beat_at=Now()):
            Pulse.objects.create(name=self.name, is_worker=self.is_worker, sockets=sockets, beat_at=Now())
        for reason, count in (dropped or {}).items():
            SocketDrops.objects.get_or_create(reason=reason)
            SocketDrops.objects.filter(reason=reason).update(count=F("count") + count)

    def stop(self) -> None:
        """This process ends in order; rows of others that did not are forgotten after an hour."""
        Pulse.objects.filter(name=self.name).delete()
        Pulse.objects.filter(beat_at__lt=Now() - FORGOTTEN).delete()

    def _beat_of_web(self) -> None:
        dropped = counts.take_dropped()
        try:
            clock.follow_database()
            self.beat(sockets=counts.sockets, dropped=dropped)
        except DatabaseError as error:
            counts.dropped.update(dropped)
            log.warning("the pulse was not written: %s", error)

    def _stop_of_web(self) -> None:
        with contextlib.suppress(DatabaseError):  # its row is forgotten by the others
            self.stop()

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await ask(self._beat_of_web)

    @contextlib.asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Beat from the loop of a web process for as long as the block lasts."""
        await ask(self._beat_of_web)  # before the first page: it reads the clock
        task = asyncio.create_task(self._go_on())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await ask(self._beat_of_web)
            await ask(self._stop_of_web)


def worker_lives() -> bool:
    """Whether any worker has beaten lately."""
    return Pulse.objects.filter(is_worker=True, beat_at__gt=Now() - ALIVE).exists()


def sockets_open() -> int:
    """Sockets of all web processes that live."""
    return Pulse.objects.filter(beat_at__gt=Now() - ALIVE).aggregate(all=Sum("sockets", default=0))["all"]


def sockets_dropped() -> dict[str, int]:
    """Sockets dropped since the portal was set up, by reason."""
    return dict(SocketDrops.objects.values_list("reason", "count"))
