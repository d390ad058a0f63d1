"""The bridge between the event loop and Django's threads."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from starlette.types import Message

from sehat.config import bridge
from sehat.config.bridge import Bridge

Start = Callable[[str, list[tuple[str, str]]], object]


def scope(method: str = "POST", **more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": "/प्रतीक्षा/",
        "query_string": b"a=1",
        "http_version": "1.1",
        "headers": [(b"content-type", b"text/plain"), (b"cookie", b"a=1"), (b"cookie", b"b=2")],
        **more,
    }


async def ask(one: Bridge, messages: Iterable[dict[str, Any]], **more: Any) -> list[Message]:
    """What the bridge sends for a request that comes in these messages."""
    coming = iter(messages)
    sent: list[Message] = []

    async def receive() -> dict[str, Any]:
        return next(coming)

    async def send(message: Message) -> None:
        sent.append(message)

    await one(scope(**more), receive, send)
    return sent


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def echo(environ: dict[str, Any], start: Start) -> list[bytes]:
    start("200 OK", [("X-Cookie", environ["HTTP_COOKIE"]), ("X-Length", environ["CONTENT_LENGTH"])])
    return [environ["wsgi.input"].read(), environ["PATH_INFO"].encode("latin-1")]


@pytest.mark.parametrize("size", [10, 3 * bridge.IN_MEMORY])
def test_a_body_arrives_whole_whatever_parts_it_comes_in(size: int) -> None:
    third = b"x" * size
    sent = asyncio.run(ask(Bridge(echo, threads=1), [part(third, more=True), part(third, more=True), part(third)]))
    assert dict(sent[0]["headers"]) == {b"x-cookie": b"a=1;b=2", b"x-length": str(3 * size).encode()}
    assert b"".join(message.get("body", b"") for message in sent) == 3 * third + "/प्रतीक्षा/".encode()


def test_a_body_beyond_all_measure_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "MOST_BYTES", 1000)
    asked: list[object] = []

    def application(environ: dict[str, Any], start: Start) -> list[bytes]:
        asked.append(environ)
        return []

    sent = asyncio.run(ask(Bridge(application, threads=1), [part(b"x" * 600, more=True)] * 2))
    assert sent[0]["status"] == 413
    assert not asked


def test_who_has_gone_is_not_answered() -> None:
    gone = [part(b"half", more=True), {"type": "http.disconnect"}]
    assert asyncio.run(ask(Bridge(echo, threads=1), gone)) == []


def test_a_slow_sender_holds_no_thread() -> None:
    async def day() -> bytes:
        one, rest = Bridge(echo, threads=1), asyncio.Event()

        async def slowly() -> dict[str, Any]:
            await rest.wait()
            return part(b"slow")

        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        slow = asyncio.create_task(one(scope(), slowly, send))
        quick = await ask(one, [part(b"quick")])
        assert not sent
        rest.set()
        await slow
        return bytes(quick[1]["body"] + sent[1]["body"])

    answered = asyncio.run(day())
    assert answered.startswith(b"quick") and b"slow" in answered


class Long:
    """An answer in parts, which says in which thread each was made and when it was closed."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.threads: set[int] = set()
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(3):
            self.threads.add(threading.get_ident())
            yield b"x" * self.size

    def close(self) -> None:
        self.threads.add(threading.get_ident())
        self.closed += 1

    def __call__(self, environ: dict[str, Any], start: Start) -> "Long":
        start("200 OK", [])
        return self


@pytest.mark.parametrize("size", [10, bridge.AT_ONCE, 2 * bridge.IN_MEMORY])
def test_an_answer_is_made_and_closed_by_one_thread_however_long_it_is(size: int) -> None:
    answer = Long(size)
    sent = asyncio.run(ask(Bridge(answer, threads=4), [part(b"")], method="GET"))
    bodies = [len(message["body"]) for message in sent[1:]]
    assert sum(bodies) == 3 * size and max(bodies) <= bridge.AT_ONCE
    assert [message.get("more_body", False) for message in sent[1:]] == [True] * (len(bodies) - 1) + [False]
    assert answer.closed == 1
    assert len(answer.threads) == 1


def test_a_slow_reader_holds_no_thread() -> None:
    async def day() -> list[Message]:
        one, rest, started = Bridge(Long(bridge.AT_ONCE), threads=1), asyncio.Event(), asyncio.Event()

        async def receive() -> Message:
            return part(b"")

        async def slowly(message: Message) -> None:
            started.set()
            await rest.wait()

        slow = asyncio.create_task(one(scope(), receive, slowly))
        await started.wait()
        quick = await ask(one, [part(b"")])
        assert not slow.done()
        rest.set()
        await slow
        return quick

    assert len(asyncio.run(day())) == 5


def test_what_fails_in_a_thread_fails_in_the_loop() -> None:
    def application(environ: dict[str, Any], start: Start) -> list[bytes]:
        raise ZeroDivisionError

    one = Bridge(application, threads=1)
    for _ in range(2):  # the thread goes on
        with pytest.raises(ZeroDivisionError):
            asyncio.run(ask(one, [part(b"")]))


def test_a_header_that_only_looks_like_the_proxys_is_dropped() -> None:
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], start: Start) -> list[bytes]:
        seen.update(environ)
        start("204 No Content", [])
        return []

    asyncio.run(ask(Bridge(application, threads=1), [part(b"")], headers=[(b"x_forwarded_for", b"10.0.0.1")]))
    assert "HTTP_X_FORWARDED_FOR" not in seen


class Crowd:
    """Requests that stay inside until they are let go, and how many were inside at most."""

    def __init__(self) -> None:
        self.inside, self.most, self.lock, self.go = 0, 0, threading.Lock(), threading.Event()

    def __call__(self, environ: dict[str, Any], start: Start) -> list[bytes]:
        slow = environ["wsgi.input"].read() == b"slow"
        with self.lock:
            self.inside += slow
            self.most = max(self.most, self.inside)
        if slow:
            self.go.wait(20)
        with self.lock:
            self.inside -= slow
        start("200 OK", [])
        return [b"done"]


@pytest.mark.parametrize(("long", "most"), [(0.01, 6), (20.0, bridge.AT_WORK)])
def test_so_many_work_at_once_and_who_waits_long_for_something_is_not_counted(
    monkeypatch: pytest.MonkeyPatch, long: float, most: int
) -> None:
    monkeypatch.setattr(bridge, "LONG", long)
    crowd = Crowd()

    async def day() -> list[list[Message]]:
        one = Bridge(crowd, threads=6)
        slow = [asyncio.create_task(ask(one, [part(b"slow")])) for _ in range(9)]
        while crowd.most < most:
            await asyncio.sleep(0.01)
        crowd.go.set()
        return await asyncio.wait_for(asyncio.gather(*slow), 20)

    assert all(sent[1]["body"] == b"done" for sent in asyncio.run(day()))
    assert crowd.most == most


def test_a_quick_one_is_answered_while_slow_ones_wait_for_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "LONG", 0.01)
    crowd = Crowd()

    async def day() -> None:
        one = Bridge(crowd, threads=bridge.AT_WORK + 1)
        slow = [asyncio.create_task(ask(one, [part(b"slow")])) for _ in range(bridge.AT_WORK)]
        await asyncio.sleep(0)
        quick = await asyncio.wait_for(ask(one, [part(b"quick")]), 20)
        assert quick[1]["body"] == b"done" and not any(task.done() for task in slow)
        crowd.go.set()
        await asyncio.gather(*slow)

    asyncio.run(day())
