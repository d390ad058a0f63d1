"""Django's pages inside the ASGI process: a WSGI application run by a few threads.

A request's body is taken in by the event loop before a thread sees it, and the answer is handed out by it: so a
patient who sends 5 MB over a weak line holds some bytes in the portal, and no thread; else a few dozen such patients
would be all that the portal serves. An answer is one hop to a thread and one back: half of what `a2wsgi` costs, which
hops for each part of it.
"""

import asyncio
import contextlib
import io
import logging
import queue
import shutil
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO, Any

from starlette.types import Message, Receive, Scope, Send

log = logging.getLogger(__name__)

IN_MEMORY = 1024 * 1024
"""Bytes of a body or of an answer kept in memory; a longer one goes through a temporary file."""
MOST_BYTES = 64 * 1024 * 1024
"""A longer body is refused unread (413). What a form may hold is for the form to say, in its own words."""
AT_ONCE = 256 * 1024
"""Bytes of an answer handed over at once."""
AT_WORK, LONG = 4, 0.5
"""How many threads work at the same time, and after how many seconds one is taken to wait and not to work. A token that
32 connections ask for at once takes 8.5 CPU-ms with four at work, and 9.5 with sixteen.
"""

Environ = dict[str, Any]
_Job = tuple[Callable[[], Any], "asyncio.Future[Any]"]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Threads:
    """Threads that work for one event loop, which alone says who does what.

    `AT_WORK` of them work at the same time: more would only take the interpreter from each other, and the locks of the
    database's rows with it. A thread that takes `LONG` is not counted any more, as it waits for something outside: a
    lock, a store of files, an authority. So all of them may wait before anybody waits for them.

    The thread that was busy last is asked first: what it has warm (database connection, prepared statements) is used
    again, and in a quiet hour all but one or two sleep.
    """

    def __init__(self, number: int) -> None:
        self._idle = [_Thread(f"pages-{index}") for index in range(number)]
        self._since: dict[_Thread, float] = {}
        self._waiting: deque[_Job] = deque()
        self._look: asyncio.TimerHandle | None = None

    def run[T](self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Have one of the threads do it. To be called from the loop, which gets the result."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        self._start()
        return future

    def _start(self) -> None:
        """Give out what waits, as far as may be now."""
        loop = asyncio.get_running_loop()
        if self._look:
            self._look.cancel()
            self._look = None
        while self._waiting and self._idle:
            counted = [since for since in self._since.values() if loop.time() - since < LONG]
            if len(counted) >= AT_WORK:
                self._look = loop.call_at(min(counted) + LONG, self._start)
                return
            (work, future), thread = self._waiting.popleft(), self._idle.pop()
            self._since[thread] = loop.time()
            thread.jobs.put((work, loop, partial(self._ended, thread, future)))

    def _ended(
        self, thread: "_Thread", future: "asyncio.Future[Any]", result: object, error: BaseException | None
    ) -> None:
        del self._since[thread]
        self._idle.append(thread)
        self._start()
        if future.cancelled():
            return
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)


class _Thread:
    """Does one job after the other, and tells the loop of each."""

    def __init__(self, name: str) -> None:
        self.jobs: queue.SimpleQueue[tuple[Callable[[], object], asyncio.AbstractEventLoop, Callable[..., None]]]
        self.jobs = queue.SimpleQueue()
        threading.Thread(target=self._go_on, name=name, daemon=True).start()

    def _go_on(self) -> None:
        while True:
            work, loop, ended = self.jobs.get()
            result, error = None, None
            try:
                result = work()
            except BaseException as raised:  # noqa: BLE001 (whatever it is, it belongs to who asked)
                error = raised
            with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits any more
                loop.call_soon_threadsafe(ended, result, error)


class Answer:
    """What the application answers, all of it: made and closed by the one thread that asks."""

    def __init__(self, application: Application, environ: Environ) -> None:
        self.start: Message = {}
        self.body: IO[bytes] = io.BytesIO()
        parts = application(environ, self._begin)
        try:
            for part in parts:
                self.body.write(part)
                if isinstance(self.body, io.BytesIO) and self.body.tell() > IN_MEMORY:
                    self._to_disk()
        except BaseException:
            self.body.close()
            raise
        finally:
            getattr(parts, "close", lambda: None)()
        self.body.seek(0)

    def _begin(self, status: str, headers: list[tuple[str, str]], error: object = None) -> None:
        self.start = {
            "type": "http.response.start",
            "status": int(status[:3]),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        }

    def _to_disk(self) -> None:
        memory, self.body = self.body, TemporaryFile()  # noqa: SIM115 (closed when it is handed out)
        memory.seek(0)
        shutil.copyfileobj(memory, self.body)


class Bridge:
    """An ASGI application for HTTP that asks a WSGI application, in `threads` threads."""

    def __init__(self, application: Application, *, threads: int) -> None:
        self.application = application
        self.threads = Threads(threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the body in, have it answered, hand the answer out. Who has gone is not answered."""
        with contextlib.ExitStack() as kept:
            body = await _taken_in(receive, kept)
            if body is None:
                return
            if body.tell() > MOST_BYTES:
                await send({"type": "http.response.start", "status": 413, "headers": [(b"connection", b"close")]})
                await send({"type": "http.response.body"})
                return
            environ = _environ(scope, body)
            answer = await self.threads.run(lambda: Answer(self.application, environ))
            kept.enter_context(answer.body)
            await send(answer.start)
            while len(part := answer.body.read(AT_ONCE)) == AT_ONCE:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": part})


async def _taken_in(receive: Receive, kept: contextlib.ExitStack) -> IO[bytes] | None:
    """The whole body, standing at its end, or as much of it as shows that it is too long. None: the asker has gone."""
    body: IO[bytes] = io.BytesIO()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        if message.get("more_body") and isinstance(body, io.BytesIO):
            body = kept.enter_context(SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 (the stack closes it)
        body.write(message.get("body", b""))
        if not message.get("more_body") or body.tell() > MOST_BYTES:
            return body


def _environ(scope: Scope, body: IO[bytes]) -> Environ:
    """The request as PEP 3333 describes it. The body's length is what came, whatever was announced."""
    length = body.tell()
    body.seek(0)
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" in name:
            continue  # would pass for the header with a dash, which only a proxy may set
        key, text = name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1")
        if key == "CONTENT_TYPE":
            environ["CONTENT_TYPE"] = text
        elif key != "CONTENT_LENGTH":
            key = f"HTTP_{key}"
            environ[key] = f"{environ[key]}{';' if key == 'HTTP_COOKIE' else ','}{text}" if key in environ else text
    if length or scope["method"] not in {"GET", "HEAD"}:
        environ["CONTENT_LENGTH"] = str(length)
    return environ
