"""Messages between processes through Redis: one channel that every hub speaks to and hears.

Imported only where `REDIS_URL` is set: the library costs a process 12 MB and a second at the start.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import redis
import redis.asyncio
from django.conf import settings

log = logging.getLogger(__name__)

CHANNEL = "sehat.live"

PATIENCE = 1.0
"""Seconds that a publication may wait for Redis: a page stands behind it."""
REST = 2.0
"""Seconds after a failure in which Redis is not tried again, so that one page waits for it and not each."""
SILENCE = 10.0
"""Seconds without a word from Redis after which it is asked; twice that long, and it counts as gone."""


def client() -> redis.Redis:
    """A client that does not wait for long."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)


class Relay:
    """One process's way to the channel. `on_message(topic, message)` and `on_hearing(bool)` are called in the loop."""

    def __init__(self) -> None:
        self._client = client()
        self._rests_until = 0.0

    def publish(self, topic: str, message: dict[str, Any]) -> bool:
        """Tell every process, from any thread; False where Redis does not take it."""
        if time.monotonic() < self._rests_until:
            return False
        try:
            self._client.publish(CHANNEL, json.dumps([topic, message]))
        except redis.RedisError as error:
            self._rests_until = time.monotonic() + REST
            log.warning("redis takes no messages (%s): only this process's sockets are told", error)
            return False
        return True

    def answers(self) -> bool:
        """Whether Redis answers."""
        try:
            return bool(self._client.ping())
        except redis.RedisError:
            return False

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()

    async def hear(self, on_message: Callable[[str, dict[str, Any]], None], on_hearing: Callable[[bool], None]) -> None:
        """Hear the channel until cancelled, coming back to it whenever it was lost."""
        told = 0.0
        while True:
            try:
                await self._hear_until_lost(on_message, on_hearing)
            except redis.RedisError as error:
                if time.monotonic() > told + 60:
                    log.warning("redis is gone (%s): pages ask by themselves until it is back", error)
                    told = time.monotonic()
                on_hearing(False)
            await asyncio.sleep(1)

    async def _hear_until_lost(
        self, on_message: Callable[[str, dict[str, Any]], None], on_hearing: Callable[[bool], None]
    ) -> None:
        # A read that nobody answers must not end the connection: a quiet channel is no dead one. It is asked instead.
        connection = redis.asyncio.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=None
        )
        async with connection as listener, listener.pubsub() as channel:
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
                    self._rests_until = 0.0
                    on_hearing(True)
                elif item["type"] == "message":
                    topic, message = json.loads(item["data"])
                    on_message(topic, message)
