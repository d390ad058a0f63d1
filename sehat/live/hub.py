"""Topics and who listens: one hub a process, living in the event loop, spoken to from Django's threads.

With Redis the hubs of all processes hear each other through one channel; without it a process tells its own
sockets. A message that cannot be passed on is lost by design: pages ask again by themselves, truth is in the
database.
"""

import asyncio
import contextlib
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import redis
import redis.asyncio
from django.conf import settings

log = logging.getLogger(__name__)

CHANNEL = "sehat.live"
Message = dict[str, Any]
Listener = Callable[[str, Message], None]


class Hub:
    """Fans a message on a topic out to the listeners of this process. All state lives in the loop."""

    def __init__(self) -> None:
        self.listeners: dict[str, set[Listener]] = defaultdict(set)
        self.loop: asyncio.AbstractEventLoop | None = None
        self._redis = redis.Redis.from_url(settings.REDIS_URL) if settings.REDIS_URL else None

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
        if self._redis is not None:
            try:
                self._redis.publish(CHANNEL, json.dumps([topic, message]))
                return
            except redis.RedisError:
                log.warning("redis is gone: only this process's sockets are told")
        if self.loop is not None and not self.loop.is_closed():
            # A loop that closes between the check and the call has no sockets left to tell.
            with contextlib.suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self.fan_out, topic, message)

    async def publish(self, topic: str, message: Message) -> None:
        """Tell all processes, from the loop (signalling between two browsers)."""
        if self._redis is None:
            self.fan_out(topic, message)
        else:
            await asyncio.to_thread(self.publish_from_thread, topic, message)

    def close(self) -> None:
        """Give the connection to Redis back."""
        if self._redis is not None:
            self._redis.close()

    async def _hear_redis(self) -> None:
        while True:
            try:
                async with redis.asyncio.Redis.from_url(settings.REDIS_URL) as client, client.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    async for item in channel.listen():
                        if item["type"] == "message":
                            topic, message = json.loads(item["data"])
                            self.fan_out(topic, message)
            except redis.RedisError:
                log.warning("redis is gone: pages ask by themselves until it is back")
            await asyncio.sleep(1)

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Bind the hub to the running loop for as long as the block lasts."""
        self.loop = asyncio.get_running_loop()
        hearing = asyncio.create_task(self._hear_redis()) if self._redis is not None else None
        try:
            yield
        finally:
            self.loop = None
            if hearing is not None:
                hearing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await hearing


hub = Hub()
opened = hub.opened
