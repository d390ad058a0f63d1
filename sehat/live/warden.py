"""Ends the sockets of those who have signed out or no longer work here: looked up in batches, twice a minute."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import batched

from django.db import DatabaseError

from sehat.live import sessions
from sehat.live.asking import ask
from sehat.live.sessions import Who

log = logging.getLogger(__name__)

EVERY_SECONDS = 30.0
BATCH = 500

SIGNED_OUT = 4401
"""Close code: the session has ended. The page comes back with the cookie that it has now, or is turned away."""

End = Callable[[int], None]


class Warden:
    """Knows who sits behind each socket of this process. All state lives in the loop."""

    def __init__(self) -> None:
        self._ends: dict[Who, set[End]] = defaultdict(set)

    @contextlib.contextmanager
    def guarding(self, who: Who, end: End) -> Iterator[None]:
        """Call `end(SIGNED_OUT)` if the session ends while the block lasts."""
        self._ends[who].add(end)
        try:
            yield
        finally:
            self._ends[who].discard(end)
            if not self._ends[who]:
                del self._ends[who]

    async def look(self) -> int:
        """Look up everybody once; how many sockets were told to end."""
        told = 0
        for some in batched(tuple(self._ends), BATCH):
            for who in await ask(sessions.ended, some):
                for end in tuple(self._ends.get(who, ())):
                    end(SIGNED_OUT)
                    told += 1
        return told

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.look()
            except DatabaseError as error:
                log.warning("sessions could not be looked up, the next look is in %s s: %s", EVERY_SECONDS, error)

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Look regularly for as long as the block lasts."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


warden = Warden()
