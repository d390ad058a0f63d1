"""Topics and who listens: one hub a process, living in the event loop, spoken to from Django's threads.

With Redis the hubs of all processes hear each other through one channel; without it a process tells its own
sockets. A message that cannot be passed on is lost by design: truth is in the database, and while a hub is deaf
its pages are told to ask by themselves.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import redis
import redis.asyncio
from django.conf import settings

from sehat.live import topics

log = logging.getLogger(__name__)

CHANNEL = "sehat.live"
DEAF = {"kind": "deaf"}
HEARING = {"kind": "hearing"}

PATIENCE = 1.0
"""Seconds that a publication may wait for Redis: a page stands behind it."""
REST = 2.0
"""Seconds after a failure in which Redis is not tried again, so that one page waits for it and not each."""
SILENCE = 10.0
"""Seconds without a word from Redis after which it is asked; twice that long, and it counts as gone."""

Message = dict[str, Any]
Listener = Callable[[str, Message], None]


class Hub:
    """Fans a message on a topic out to the listeners of this process. All state lives in the loop."""

    def __init__(self) -> None:
        self.listeners: dict[str, set[Listener]] = defaultdict(set)
        self.loop: asyncio.AbstractEventLoop | None = None
        self.deaf = False
        self._rests_until = 0.0
        self._redis = (
            redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
            if settings.REDIS_URL
            else None
        )

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
        if self._redis is not None and time.monotonic() >= self._rests_until:
            try:
                self._redis.publish(CHANNEL, json.dumps([topic, message]))
                return
            except redis.RedisError as error:
                self._rests_until = time.monotonic() + REST
                log.warning("redis takes no messages (%s): only this process's sockets are told", error)
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
                await self._hear_until_lost()
            except redis.RedisError as error:
                self._set_deaf(error)
            await asyncio.sleep(1)

    async def _hear_until_lost(self) -> None:
        # A read that nobody answers must not end the connection: a quiet channel is no dead one. It is asked instead.
        connection = redis.asyncio.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=None
        )
        async with connection as client, client.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            asked = False
            while True:
                item = await channel.get_message(timeout=SILENCE)
                if item is None:
                    if asked:
                        raise redis.ConnectionError("no answer to a ping")
                    await channel.ping()
                    asked = True
                    continue
                asked = False
                if item["type"] == "subscribe":
                    self._set_hearing()
                elif item["type"] == "message":
                    topic, message = json.loads(item["data"])
                    self.fan_out(topic, message)

    def _set_deaf(self, error: redis.RedisError) -> None:
        if not self.deaf:
            log.warning("redis is gone (%s): pages ask by themselves until it is back", error)
            self.deaf = True
            self.fan_out(topics.EVERYONE, DEAF)

    def _set_hearing(self) -> None:
        self._rests_until = 0.0
        if self.deaf:
            log.warning("redis is back")
            self.deaf = False
            self.fan_out(topics.EVERYONE, HEARING)

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
