"""Topics and who listens: one hub a process, living in the event loop, spoken to from Django's threads.

With Redis the hubs of all processes hear each other through one channel; without it a process tells its own
sockets. A message that cannot be passed on is lost by design: truth is in the database, and while a hub is deaf
its pages are told to ask by themselves.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings

from sehat.live import topics

if TYPE_CHECKING:
    from sehat.live.relay import Relay

log = logging.getLogger(__name__)

DEAF = {"kind": "deaf"}
HEARING = {"kind": "hearing"}

Message = dict[str, Any]
Listener = Callable[[str, Message], None]


class Hub:
    """Fans a message on a topic out to the listeners of this process. All state lives in the loop."""

    def __init__(self) -> None:
        self.listeners: dict[str, set[Listener]] = defaultdict(set)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.deaf = False
        self.relay = _relay() if settings.REDIS_URL else None

    def listen(self, topics: Iterable[str], listener: Listener) -> Callable[[], None]:
        """Call `listener(topic, message)` in the loop for each message; the returned function ends it."""
        names = list(topics)
        for name in names:
            self.listeners[name].add(listener)

        def stop() -> None:
            for name in names:
                self.listeners[name].discard(listener)
                if not self.listeners[name]:
                    del self.listeners[name]

        return stop

    def fan_out(self, topic: str, message: Message) -> None:
        """Tell this process's listeners: those of the topic, and those of its kind (`opd:*`). In the loop."""
        kind = f"{topic.partition(':')[0]}:*"
        for listener in (*self.listeners.get(topic, ()), *self.listeners.get(kind, ())):
            listener(topic, message)

    def publish_from_thread(self, topic: str, message: Message) -> None:
        """Tell all processes, from any thread. Never raises: losing liveness must not undo a change."""
        if self.relay is not None and self.relay.publish(topic, message) and not self.deaf:
            return  # this process hears its own message as the others do
        if self.loop is not None and not self.loop.is_closed():
            # A loop that closes between the check and the call has no sockets left to tell.
            with contextlib.suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self.fan_out, topic, message)

    async def publish(self, topic: str, message: Message) -> None:
        """Tell all processes, from the loop (signalling between two browsers)."""
        if self.relay is None:
            self.fan_out(topic, message)
        else:
            await asyncio.to_thread(self.publish_from_thread, topic, message)

    def close(self) -> None:
        """Give the connection to the other processes back."""
        if self.relay is not None:
            self.relay.close()

    def _set_hearing(self, hearing: bool) -> None:
        if self.deaf == (not hearing):
            return
        self.deaf = not hearing
        self.fan_out(topics.EVERYONE, HEARING if hearing else DEAF)

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Bind the hub to the running loop for as long as the block lasts."""
        self.loop = asyncio.get_running_loop()
        hearing = None
        if self.relay is not None:
            hearing = asyncio.create_task(self.relay.hear(self.fan_out, self._set_hearing))
        try:
            yield
        finally:
            self.loop = None
            if hearing is not None:
                hearing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await hearing


def _relay() -> "Relay":
    from sehat.live.relay import Relay

    return Relay()


hub = Hub()
opened = hub.opened
