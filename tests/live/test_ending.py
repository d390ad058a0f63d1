"""Who loses the socket: those who signed out, who no longer work here, who say too much, who do not read."""

import asyncio
import json
import socket
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client
from pytest_django import Settings
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.sync.client import connect

from sehat.accounts.models import Staff
from sehat.live import protocol, pulse, sessions, sockets
from sehat.live.counts import Counts, Drop, counts
from sehat.live.hub import Hub, hub
from sehat.live.models import Pulse, SocketDrops
from sehat.live.pulse import Heart
from sehat.live.sessions import Who
from sehat.live.warden import SIGNED_OUT, Warden, warden
from sehat.registration.models import Patient
from tests import servers


async def _page(websocket: WebSocket) -> None:
    async def heard(message: dict[str, Any]) -> None:
        if message["kind"] == "look":
            await warden.look()

    who = await sessions.who(websocket)
    await sockets.serve(websocket, who=who, topics=["token:1"], on_message=heard)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    async with hub.opened():
        yield


APP = Starlette(routes=[WebSocketRoute("/page/", _page)], lifespan=_lifespan)


@pytest.fixture(autouse=True)
def _no_connection_outlives_its_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets read the database in threads that end with the test."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)


@pytest.fixture
def fresh() -> Counts:
    """Counts that begin at nothing."""
    counts.take_dropped()
    return counts


def session_of(client: Client) -> str:
    """The key in the browser's cookie."""
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def ashas_browser(client: Client, asha: Patient) -> Client:
    """Asha is signed in."""
    session = client.session
    session[sessions.PATIENT_KEY] = asha.pk
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key or ""
    return client


def closed_with(key: str, deed: Callable[[], object]) -> int:
    """The close code of a socket of that session after the deed and the next look of the warden."""
    with (
        TestClient(APP, cookies={settings.SESSION_COOKIE_NAME: key}) as browser,
        browser.websocket_connect("/page/") as page,
    ):
        page.send_json({"kind": "look"})  # all is well: nothing happens
        deed()
        page.send_json({"kind": "look"})
        with pytest.raises(WebSocketDisconnect) as ended:
            page.receive_json()
        return ended.value.code


@pytest.mark.django_db(transaction=True)
class TestSession:
    """A socket lives no longer than the session that it was opened with."""

    def test_logout(self, ashas_browser: Client) -> None:
        assert closed_with(session_of(ashas_browser), lambda: ashas_browser.post("/logout/")) == SIGNED_OUT

    def test_a_session_that_has_become_too_old(self, ashas_browser: Client) -> None:
        def grow_old() -> None:
            for session in Session.objects.all():
                session.expire_date -= timedelta(days=2)
                session.save()

        assert closed_with(session_of(ashas_browser), grow_old) == SIGNED_OUT

    def test_somebody_who_no_longer_works_here(self, client: Client, ama_clerk: Staff) -> None:
        client.force_login(ama_clerk, "sehat.accounts.backend.StaffBackend")

        def dismiss() -> None:
            ama_clerk.is_active = False
            ama_clerk.save()

        assert closed_with(session_of(client), dismiss) == SIGNED_OUT

    def test_a_new_password_ends_the_old_sessions(self, client: Client, ama_clerk: Staff) -> None:
        client.force_login(ama_clerk, "sehat.accounts.backend.StaffBackend")

        def change() -> None:
            ama_clerk.set_password("another-long-password")
            ama_clerk.save()

        key = session_of(client)
        assert closed_with(key, change) == SIGNED_OUT
        assert sessions._read(key).staff is None  # and none can be opened anew

    def test_many_cost_few_queries(self, ashas_browser: Client, django_assert_num_queries: Any) -> None:
        """A thousand sockets, half of them ended: two batches, one query each, as nobody of staff is among them."""
        alive = [Who(None, patient, session_of(ashas_browser)) for patient in range(500)]
        gone = [Who(None, patient, f"gone-{patient}") for patient in range(500)]
        codes: list[int] = []

        async def run() -> int:
            own = Warden()
            with ExitStack() as open_sockets:
                for who in (*alive, *gone):
                    open_sockets.enter_context(own.guarding(who, codes.append))
                return await own.look()

        started = time.process_time()
        assert asyncio.run(run()) == 500
        assert codes == [SIGNED_OUT] * 500
        assert time.process_time() - started < 1
        with django_assert_num_queries(1):
            assert len(sessions.ended([*alive, *gone])) == 500


@pytest.fixture
def served(db: None) -> Iterator[int]:
    """The page above behind the real server, with the portal's own protocol; its port."""
    port = servers.free_port()
    server = uvicorn.Server(
        uvicorn.Config(APP, port=port, ws="sehat.live.protocol:Protocol", ws_max_size=64 * 1024, log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield port
    server.should_exit = True
    thread.join()


def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds."""
    ends = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("x" * 70_000, Drop.TOO_BIG),
        ("not json", Drop.GARBAGE),
        ("[" * 30_000, Drop.GARBAGE),
        (b"\x00\x01", Drop.GARBAGE),
    ],
)
def test_garbage_is_counted_and_others_notice_nothing(served: int, fresh: Counts, said: str | bytes, why: Drop) -> None:
    with (
        connect(f"ws://127.0.0.1:{served}/page/", proxy=None) as other,
        connect(f"ws://127.0.0.1:{served}/page/", proxy=None) as loud,
    ):
        loud.send(said)
        until(lambda: fresh.dropped[why] == 1)
        other.send('{"kind": "ping"}')
        until(lambda: fresh.sockets == 1)
        assert other.ping().wait(5)


def test_a_flood_is_counted(served: int, fresh: Counts) -> None:
    with connect(f"ws://127.0.0.1:{served}/page/", proxy=None) as loud:
        for _ in range(sockets.INCOMING_PER_WINDOW + 1):
            loud.send('{"kind": "ping"}')
        until(lambda: fresh.dropped[Drop.TOO_MUCH] == 1)


def test_who_does_not_read_is_dropped_and_cut(served: int, fresh: Counts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "PATIENCE", 1.0)
    with socket.create_connection(("127.0.0.1", served)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(
            b"GET /page/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        until(lambda: bool(hub.listeners.get("token:1")))
        for _ in range(sockets.OUTGOING_LIMIT * 2):
            hub.publish_from_thread("token:1", {"kind": "long", "text": "x" * 100_000})
        until(lambda: fresh.dropped[Drop.TOO_SLOW] == 1)
        until(lambda: fresh.dropped[Drop.STUCK] == 1)
        until(lambda: fresh.sockets == 0)


def test_who_reads_late_hears_everything_in_order(served: int, fresh: Counts) -> None:
    with connect(f"ws://127.0.0.1:{served}/page/", proxy=None, max_queue=1) as late:
        until(lambda: bool(hub.listeners.get("token:1")))
        for number in range(sockets.OUTGOING_LIMIT):
            hub.publish_from_thread("token:1", {"kind": "long", "number": number, "text": "x" * 50_000})
        heard = [json.loads(late.recv(timeout=5))["number"] for _ in range(sockets.OUTGOING_LIMIT)]
    assert heard == list(range(sockets.OUTGOING_LIMIT))
    assert not fresh.dropped


@pytest.mark.django_db(transaction=True)
def test_the_pulse_tells_sockets_and_drops_of_all_processes() -> None:
    one, other, worker = Heart(is_worker=False), Heart(is_worker=False), Heart(is_worker=True)
    assert not pulse.worker_lives()
    one.beat(sockets=3, dropped={Drop.GARBAGE: 2})
    other.beat(sockets=4, dropped={Drop.GARBAGE: 1, Drop.TOO_SLOW: 1})
    worker.beat()
    one.beat(sockets=5)
    assert pulse.worker_lives()
    assert pulse.sockets_open() == 9
    assert pulse.sockets_dropped() == {"garbage": 3, "too_slow": 1}
    Pulse.objects.filter(name__in=[other.name, worker.name]).update(beat_at="2026-01-01T00:00:00Z")  # killed
    assert not pulse.worker_lives()
    assert pulse.sockets_open() == 5
    one.stop()
    assert not Pulse.objects.exists()
    assert SocketDrops.objects.get(reason="garbage").count == 3


def test_pages_are_told_when_the_processes_do_not_hear_each_other(settings: Settings, tmp_path: Path) -> None:
    port = servers.free_port()
    settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"

    async def run() -> list[str]:
        own, heard = Hub(), []
        own.listen(["everyone"], lambda topic, message: heard.append(message["kind"]))
        async with own.opened():
            await _until(lambda: heard == ["deaf"])
            command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tmp_path) as redis:
                await _until(lambda: heard == ["deaf", "hearing"])
                assert not own.deaf
                redis.terminate()
            await _until(lambda: heard == ["deaf", "hearing", "deaf"])
        own.close()
        return heard

    assert len(asyncio.run(run())) == 3


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.05)
