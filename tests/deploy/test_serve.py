"""`sehat serve` and `sehat worker` at work together, and how each of them ends."""

import json
import signal
import socket
import time
from collections.abc import Callable

import pytest
from websockets.exceptions import ConnectionClosed

from tests.deploy.production import Portal, Production, stop
from tests.deploy.talk import PATIENCE, Person, hear, say
from tests.servers import free_port

SERVICE_RESTART = 1012


def until(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until it holds."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it never came about"
        time.sleep(0.1)


def test_a_message_in_one_process_reaches_the_sockets_of_the_other(production: Production) -> None:
    here, there = production.serve(), production.serve()
    meeting = production.meet()
    line, room = f"/live/consultation/{meeting['ref']}", f"/consultation/{meeting['ref']}"
    with (
        Person(here.address, meeting["patient"]) as asha,
        Person(there.address, meeting["doctor"]) as dr_rao,
        asha.socket(f"{line}/patient/") as hers,
        dr_rao.socket(f"{line}/doctor/") as his,
    ):
        # From socket to socket …
        until(lambda: _heard(hers, his))
        # … and from a page that one process answers to a socket of the other.
        sent = asha.post(f"{room}/patient/say/", f"{room}/", {"text": "Good morning"})
        assert sent.status_code < 400, sent.text
        assert hear(his, "chat")


def _heard(hers: object, his: object) -> bool:
    say(hers, kind="here", page="asha")  # type: ignore[arg-type]
    try:
        return hear(his, "here")["page"] == "asha"  # type: ignore[arg-type]
    except TimeoutError:
        return False


def test_sigterm_lets_requests_finish_and_tells_sockets_to_come_back(production: Production) -> None:
    portal = production.serve("--workers", "2")
    meeting = production.meet()
    room = f"/consultation/{meeting['ref']}"
    with Person(portal.address, meeting["patient"]) as asha:
        _stop_half_way(portal, asha, room)
    assert stop(portal.process) == 0
    assert not [line for line in portal.lines() if line["level"] in {"error", "critical"}]


def _stop_half_way(portal: Portal, asha: Person, room: str) -> None:
    """SIGTERM while a socket stands and half of a form is here."""
    body = f"csrfmiddlewaretoken={asha.token(f'{room}/')}&text=Half+way".encode()
    request = (
        f"POST {room}/patient/say/ HTTP/1.1\r\nHost: 127.0.0.1:{portal.port}\r\nX-Forwarded-Proto: https\r\n"
        f"Origin: https://127.0.0.1:{portal.port}\r\n"
        f"Cookie: sessionid={asha.session}; csrftoken={asha.web.cookies['csrftoken']}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with (
        asha.socket(f"/live{room}/patient/") as hers,
        socket.create_connection(("127.0.0.1", portal.port), PATIENCE) as slow,
    ):
        slow.sendall(request + body[:-4])
        time.sleep(0.5)  # until a process has taken it up
        portal.process.terminate()
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                hers.recv(timeout=PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == SERVICE_RESTART
        slow.sendall(body[-4:])
        answer = slow.recv(65536)
    assert b" 302 " in answer.splitlines()[0], answer


def test_one_process_ends_as_well(production: Production) -> None:
    early, log = production.start("serve", "--port", str(free_port()))
    time.sleep(1)  # it is still loading
    assert stop(early) in {0, -signal.SIGTERM}  # the latter where Python itself was still loading
    assert log.read_text() == ""
    portal = production.serve()
    assert stop(portal.process) == 0
    assert {line["event"] for line in portal.lines()} <= {"request"}


def test_the_worker_beats_while_it_lives(production: Production) -> None:
    portal = production.serve()
    assert portal.get_json("/readyz") == {"database": True, "redis": True, "worker": False}
    worker, log = production.start("worker")
    until(lambda: portal.get_json("/readyz")["worker"])
    assert stop(worker) == 0
    assert portal.get_json("/readyz")["worker"] is False
    # Notices of other tests wait in the outbox, and nobody takes SMS here: that is told, and breaks nothing.
    assert {json.loads(line)["level"] for line in log.read_text().splitlines()} <= {"warning"}
