"""Tells every waiting page its place when the line moves: one query an OPD, one pass over its sockets.

The first twenty are told at once, as for them each step counts; the others are told every few seconds. Nobody is
told a place that did not change.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator

from django.db import DatabaseError

from sehat.live import topics
from sehat.live.asking import ask
from sehat.live.hub import Message, hub
from sehat.waiting import queries

log = logging.getLogger(__name__)

NEAR = 20
AT_ONCE_SECONDS = 0.2  # moves within this are told together
FAR_SECONDS = 4.0
BREATH = 250  # pages told before others of this process, calls among them, have their turn


def _line(opd: int, last: int | None) -> list[int]:
    return list(queries.line(opd).values_list("pk", flat=True)[:last])


class Teller:
    """Knows which tokens have a page open in this process and the place each was told last."""

    def __init__(self) -> None:
        self.pages: dict[int, dict[int, int]] = defaultdict(dict)  # OPD → token → open pages
        self.told: dict[int, int] = {}  # token → place
        self._near_due: set[int] = set()
        self._far_due: set[int] = set()
        self._wake = asyncio.Event()

    @contextlib.contextmanager
    def present(self, token: int, opd: int) -> Iterator[None]:
        """Count one open page of the token for as long as the block lasts."""
        pages = self.pages[opd]
        pages[token] = pages.get(token, 0) + 1
        try:
            yield
        finally:
            pages[token] -= 1
            if not pages[token]:
                del pages[token]
                self.told.pop(token, None)

    def line_moved(self, topic: str, message: Message) -> None:
        """An OPD's line moved."""
        opd = int(topic.partition(":")[2])
        self._near_due.add(opd)
        self._far_due.add(opd)
        self._wake.set()

    async def tell(self, opd: int, line: list[int], first: int, last: int | None) -> int:
        """Tell the open pages between two places of the line whose place changed; returns how many."""
        pages, count = self.pages.get(opd, {}), 0
        for place, token in enumerate(line[first:last], first + 1):
            if token in pages and self.told.get(token) != place:
                self.told[token] = place
                hub.fan_out(topics.token(token), {"kind": "place", "place": place, "ahead": place - 1})
                count += 1
                if count % BREATH == 0:
                    await asyncio.sleep(0)
        return count

    async def _tell_due(self, due: set[int], first: int, last: int | None) -> None:
        while due:
            opd = due.pop()
            if not self.pages.get(opd):
                continue
            try:
                await self.tell(opd, await ask(_line, opd, last), first, last)
            except DatabaseError:
                # Pages ask by themselves meanwhile; the line is told anew at its next move.
                log.warning("the line of OPD %s could not be read", opd)

    async def _near(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(AT_ONCE_SECONDS)
            self._wake.clear()
            await self._tell_due(self._near_due, 0, NEAR)

    async def _far(self) -> None:
        while True:
            await asyncio.sleep(FAR_SECONDS)
            await self._tell_due(self._far_due, NEAR, None)

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Work as long as the block lasts."""
        stop = hub.listen(["opd:*"], self.line_moved)
        tasks = [asyncio.create_task(self._near()), asyncio.create_task(self._far())]
        for task in tasks:
            task.add_done_callback(_speak_up)
        try:
            yield
        finally:
            stop()
            for task in tasks:
                task.cancel()


def _speak_up(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("the teller of places ended", exc_info=error)


teller = Teller()
