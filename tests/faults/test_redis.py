"""Redis dies and comes back: sockets stay, pages ask the database, and all is live again by itself."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from websockets import Origin
from websockets.sync.client import ClientConnection, connect

from tests.faults.conftest import NewHouse
from tests.faults.house import Web, until
from tests.servers import free_port

pytestmark = pytest.mark.own_servers


class Redis:
    """A Redis on a port that it keeps."""

    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.start()

    def start(self) -> None:
        """Start it, empty."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        """A power cut."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """A Redis to be killed."""
    server = Redis(tmp_path)
    yield server
    server.kill()


@contextmanager
def listening(web: Web, path: str, session: str) -> Iterator[ClientConnection]:
    """A socket of the live app."""
    origin = Origin(f"http://127.0.0.1:{web.port}")
    with connect(
        f"ws://127.0.0.1:{web.port}{path}", origin=origin, additional_headers={"Cookie": f"sessionid={session}"}
    ) as socket:
        yield socket


def hears(socket: ClientConnection, kind: str, seconds: float = 20.0) -> bool:
    """Whether a message of that kind comes within so long; others are passed over."""
    try:
        while True:
            message: dict[str, Any] = json.loads(socket.recv(timeout=seconds))
            if message["kind"] == kind:
                return True
    except TimeoutError:
        return False


def test_redis_is_killed_and_comes_back(new_house: NewHouse, redis: Redis) -> None:
    """The patient's page hangs on one web process, the doctor works on another."""
    house = new_house("postgresql")
    house.environment["REDIS_URL"] = f"redis://127.0.0.1:{redis.port}/0"
    (asha,), rao = house.look("people", "1"), house.look("sign_in", "rao")
    patients, doctors = house.serve(), house.serve()
    assert patients.take_token(asha)
    patients.ask("/waiting/join/", session=asha, form={})

    def doctor(verb: str) -> None:
        assert doctors.ask(f"/desk/{verb}/", session=rao, form={}).status == HTTPStatus.FOUND

    with listening(patients, "/live/waiting/", asha) as socket:
        doctor("available")
        assert hears(socket, "state"), "through Redis from the other process"

        redis.kill()
        assert hears(socket, "deaf"), "the page is told to ask by itself"
        doctor("end-shift")
        page = patients.ask("/waiting/state/", session=asha)
        assert page.status == HTTPStatus.OK
        assert "The doctor had to leave" in page.body
        assert patients.ask("/").status == HTTPStatus.OK
        assert patients.alive()

        redis.start()
        assert hears(socket, "hearing")
        doctor("available")
        assert hears(socket, "state"), "the same socket, live again"
    until(lambda: house.look("broken") == [])
