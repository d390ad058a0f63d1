"""One socket's life: accept, forward what its topics say, hand what it says to the room, end in order."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from sehat.live.hub import Message, hub

# Close codes (4000–4999 are ours). The page tells them apart: 4404 do not come back, 4429 you said too much.
STRANGER = 4404
TOO_MUCH = 4429
TOO_SLOW = 4413

OUTGOING_LIMIT = 256  # messages waiting for a slow socket
INCOMING_BYTES = 64 * 1024
INCOMING_PER_WINDOW = 200
WINDOW_SECONDS = 10.0

OnMessage = Callable[[dict[str, Any]], Awaitable[None]]


async def turn_away(websocket: WebSocket, code: int = STRANGER) -> None:
    """Close before or after accepting, with a code that the page understands."""
    await websocket.accept()
    await websocket.close(code)


class _Talk:
    """What a client says, bounded in size and rate, decoded; garbage ends the socket."""

    def __init__(self) -> None:
        self.window_started = time.monotonic()
        self.heard = 0

    def decode(self, text: str) -> dict[str, Any] | None:
        moment = time.monotonic()
        if moment - self.window_started > WINDOW_SECONDS:
            self.window_started, self.heard = moment, 0
        self.heard += 1
        if self.heard > INCOMING_PER_WINDOW or len(text) > INCOMING_BYTES:
            return None
        try:
            message = json.loads(text)
        except ValueError:
            return None
        return message if isinstance(message, dict) else None


async def serve(
    websocket: WebSocket,
    *,
    topics: Iterable[str],
    on_message: OnMessage | None = None,
    accepts: Callable[[str, Message], bool] | None = None,
) -> None:
    """Serve an authenticated socket until it ends.

    Every message published on `topics` goes out as JSON (`accepts` may hold some back); every JSON object that
    comes in is given to `on_message`. A socket that sends more than it may, or reads too slowly, is closed.
    """
    await websocket.accept()
    outgoing: asyncio.Queue[str] = asyncio.Queue(OUTGOING_LIMIT)
    talk = _Talk()
    overflow = asyncio.Event()

    def listener(topic: str, message: Message) -> None:
        if accepts is not None and not accepts(topic, message):
            return
        try:
            outgoing.put_nowait(json.dumps(message))
        except asyncio.QueueFull:
            overflow.set()

    async def write() -> None:
        while True:
            await websocket.send_text(await outgoing.get())

    async def read() -> int:
        while True:
            message = talk.decode(await websocket.receive_text())
            if message is None:
                return TOO_MUCH
            if on_message is not None and message.get("kind") != "ping":
                await on_message(message)

    async def watch() -> int:
        await overflow.wait()
        return TOO_SLOW

    stop = hub.listen(topics, listener)
    tasks = [asyncio.create_task(part()) for part in (write, read, watch)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        ended = done.pop()
        error = ended.exception()
        if error is None:
            await websocket.close(ended.result() or TOO_SLOW)
        elif not isinstance(error, WebSocketDisconnect | RuntimeError):
            raise error
    finally:
        stop()
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
