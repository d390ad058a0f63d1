"""One socket's life: accept, forward what its topics say, hand what it says to the room, end in order."""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from sehat.live.counts import Drop, counts
from sehat.live.hub import DEAF, Message, hub
from sehat.live.protocol import AT_ONCE
from sehat.live.sessions import Who
from sehat.live.topics import EVERYONE
from sehat.live.warden import warden

# Close codes (4000–4999 are ours). The page tells them apart: 4404 do not come back, 4429 you said too much.
STRANGER = 4404
TOO_MUCH = 4429
TOO_SLOW = 4413
TOO_BIG_FRAME = 1009  # the server's own, before a message reaches the room
NO_TEXT_FRAME = 1007

OUTGOING_LIMIT = 256  # messages waiting for a slow socket
INCOMING_BYTES = 64 * 1024
INCOMING_PER_WINDOW = 200
WINDOW_SECONDS = 10.0

OnMessage = Callable[[dict[str, Any]], Awaitable[None]]


async def turn_away(websocket: WebSocket, code: int = STRANGER) -> None:
    """Close before or after accepting, with a code that the page understands."""
    await websocket.accept()
    await websocket.close(code)


class _Unbearable(Exception):
    """What ends the socket of this client."""

    def __init__(self, why: Drop) -> None:
        self.why = why


class _Talk:
    """What a client says, bounded in size and rate, decoded; garbage ends the socket."""

    def __init__(self, websocket: WebSocket) -> None:
        self.websocket = websocket
        self.window_started = time.monotonic()
        self.heard = 0

    async def next(self) -> dict[str, Any]:
        try:
            text = await self.websocket.receive_text()
        except KeyError:  # a frame of bytes: Starlette looks for its text
            raise _Unbearable(Drop.GARBAGE) from None
        except WebSocketDisconnect as end:
            if end.code in {TOO_BIG_FRAME, NO_TEXT_FRAME}:
                counts.dropped[Drop.TOO_BIG if end.code == TOO_BIG_FRAME else Drop.GARBAGE] += 1
            raise
        moment = time.monotonic()
        if moment - self.window_started > WINDOW_SECONDS:
            self.window_started, self.heard = moment, 0
        self.heard += 1
        if self.heard > INCOMING_PER_WINDOW:
            raise _Unbearable(Drop.TOO_MUCH)
        if len(text) > INCOMING_BYTES:
            raise _Unbearable(Drop.TOO_BIG)
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            raise _Unbearable(Drop.GARBAGE) from None
        if not isinstance(message, dict):
            raise _Unbearable(Drop.GARBAGE)
        return message


class _Outgoing:
    """What a client is told, in order: at once while it takes it, else when it can. Refuses more than the limit."""

    def __init__(self, websocket: WebSocket) -> None:
        self.websocket = websocket
        self.at_once: Callable[[str], bool] = websocket.scope.get(AT_ONCE, lambda _: False)
        self.waiting: deque[str] = deque()
        self.writer: asyncio.Task[None] | None = None

    def say(self, text: str) -> None:
        if self.writer is None:
            if self.at_once(text):
                return
            self.writer = asyncio.create_task(self._write())
        if len(self.waiting) >= OUTGOING_LIMIT:
            raise _Unbearable(Drop.TOO_SLOW)
        self.waiting.append(text)

    async def _write(self) -> None:
        # Where it has left meanwhile, its reading side says so.
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while self.waiting:
                await self.websocket.send_text(self.waiting.popleft())
            self.writer = None


async def serve(
    websocket: WebSocket,
    *,
    who: Who | None,
    topics: Iterable[str],
    on_message: OnMessage | None = None,
    accepts: Callable[[str, Message], bool] | None = None,
) -> None:
    """Serve an authenticated socket until it ends, or until the session of `who` does (None: nobody's).

    Every message published on `topics` goes out as JSON (`accepts` may hold some back); every JSON object that
    comes in is given to `on_message`. A socket that sends more than it may, or reads too slowly, is closed.
    """
    await websocket.accept()
    outgoing = _Outgoing(websocket)
    talk = _Talk(websocket)
    verdict: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def end(code: int) -> None:
        if not verdict.done():
            verdict.set_result(code)

    def listener(topic: str, message: Message) -> None:
        if accepts is not None and not accepts(topic, message):
            return
        try:
            outgoing.say(json.dumps(message))
        except _Unbearable as unbearable:
            if not verdict.done():
                counts.dropped[unbearable.why] += 1
            end(TOO_SLOW)

    async def read() -> None:
        try:
            while True:
                message = await talk.next()
                if on_message is not None and message.get("kind") != "ping":
                    await on_message(message)
        except _Unbearable as unbearable:
            counts.dropped[unbearable.why] += 1
            end(TOO_MUCH)

    counts.sockets += 1
    stop = hub.listen([*topics, EVERYONE], listener)
    guarded = warden.guarding(who, end) if who is not None else contextlib.nullcontext()
    if hub.deaf:
        listener(EVERYONE, DEAF)
    reading = asyncio.create_task(read())
    ends: list[asyncio.Future[Any]] = [verdict, reading]
    try:
        with guarded:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if verdict.done():
            await websocket.close(verdict.result())
        if reading.done():
            reading.result()
    except (WebSocketDisconnect, RuntimeError):
        return  # it left by itself, perhaps while it was sent away
    finally:
        counts.sockets -= 1
        stop()
        tasks = [reading] if outgoing.writer is None else [reading, outgoing.writer]
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
