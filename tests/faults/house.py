"""A portal as production runs it: a database, and web processes and workers that a test may kill."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.portal import BUILD, ROOT
from tests.servers import free_port

PATIENCE = 60.0
CSRF = "c" * 32

FORM = {
    "name": "-",
    "email": "",
    "address": "14 Shanti Vihar",
    "pincode": "411001",
    "state": "Maharashtra",
    "district": "Pune",
    "city": "Pune",
    "language": "en",
    "special_need": "",
    "complaint": "Fever",
    "duration": "",
    "opd": "1",
    "agree": "on",
}


def until(what: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.1)


@dataclass
class Web:
    """A web process."""

    process: subprocess.Popen[bytes]
    port: int

    def ask(self, path: str, *, session: str = "", form: dict[str, str] | None = None, timeout: float = 30) -> "Answer":
        """One request of its own connection. Raises OSError or HTTPException where none answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = {"Cookie": f"sessionid={session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
        try:
            if form is None:
                connection.request("GET", path, headers=headers)
            else:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                connection.request("POST", path, urlencode(form), headers)
            response = connection.getresponse()
            return Answer(response.status, response.read().decode(), dict(response.getheaders()))
        finally:
            connection.close()

    def take_token(self, session: str) -> bool:
        """Whether the portal said that the token is there; False where it could not now. Raises on a refusal."""
        try:
            answer = self.ask("/register/details/", session=session, form=FORM)
        except (OSError, http.client.HTTPException):
            return False
        assert "Traceback" not in answer.body
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            assert "<h1" in answer.body, "a calm page"
            return False
        assert answer.location == "/register/done/", (answer.status, answer.body)
        return True

    def alive(self, path: str = "/readyz") -> bool:
        """Whether it answers well."""
        try:
            return self.ask(path, timeout=5).status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End it, by power cut if not said otherwise."""
        self.process.send_signal(how)
        self.process.wait(20)


@dataclass(frozen=True)
class Answer:
    """What a web process answered."""

    status: int
    body: str
    headers: dict[str, str]

    @property
    def location(self) -> str:
        """Where it leads on to; empty where it does not."""
        return self.headers.get("location", "")


@dataclass
class House:
    """A prepared database and what runs on it."""

    data: Path
    database: str
    environment: dict[str, str] = field(default_factory=dict)
    inside: Sequence[str] = ()
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _looker: subprocess.Popen[str] | None = None

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("SEHAT_", "DJANGO_"))}
        ours = {
            "SEHAT_DEMO": "1",
            "DATA": str(self.data),
            "SEHAT_BUILD": str(BUILD),
            "DATABASE_URL": self.database,
            "DJANGO_SETTINGS_MODULE": "sehat.config.settings",
        }
        return clean | ours | self.environment | more

    def run(self, *words: str) -> str:
        """Run a module to its end; what it printed."""
        command = [*self.inside, sys.executable, "-m", *words]
        done = subprocess.run(command, cwd=ROOT, env=self._environment({}), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def look(self, *words: str) -> Any:
        """What `tests.faults.inside` says."""
        if self._looker is None:
            self._looker = subprocess.Popen(
                [*self.inside, sys.executable, "-m", "tests.faults.inside"],
                cwd=ROOT,
                env=self._environment({}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._looker.stdin is not None
        assert self._looker.stdout is not None
        self._looker.stdin.write(" ".join(words) + "\n")
        self._looker.stdin.flush()
        return json.loads(self._looker.stdout.readline())

    def start(self, *words: str, before: Sequence[str] = (), **environment: str) -> subprocess.Popen[bytes]:
        """Start a command of the portal in the background; `before` comes before it (`ip netns exec …`)."""
        with (self.data / "log").open("ab") as log:
            process = subprocess.Popen(
                [*(before or self.inside), sys.executable, "-m", "sehat", *words],
                cwd=ROOT,
                env=self._environment(environment),
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def serve(self, **environment: str) -> Web:
        """A web process, ready."""
        port = free_port()
        web = Web(self.start("serve", "--port", str(port), **environment), port)
        until(lambda: web.alive() or web.process.poll() is not None)
        assert web.process.poll() is None, (self.data / "log").read_text()[-4000:]
        return web

    def close(self) -> None:
        """End what still runs."""
        if self._looker is not None:
            self._looker.communicate()
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()


@contextmanager
def crowd(sessions: Sequence[str], deed: Callable[[str], bool], threads: int = 6) -> Iterator[set[str]]:
    """Let the people do the deed, several at once, until each was told that it is done; yields who was, so far."""
    done: set[str] = set()
    todo = list(reversed(sessions))
    errors: list[BaseException] = []
    end = time.monotonic() + PATIENCE

    def work() -> None:
        try:
            while todo and time.monotonic() < end:
                try:
                    session = todo.pop()
                except IndexError:
                    return
                if deed(session):
                    done.add(session)
                else:
                    todo.insert(0, session)
                    time.sleep(0.1)
        except BaseException as error:  # noqa: BLE001 told below, in the test's own thread
            errors.append(error)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield done
    finally:
        for worker in workers:
            worker.join()
    if errors:
        raise errors[0]
    assert done == set(sessions), f"{len(sessions) - len(done)} of {len(sessions)} were never served"
