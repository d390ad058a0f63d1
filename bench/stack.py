"""The portal as production runs it: PostgreSQL, Redis, web processes, a worker. All throw-away, all counted.

In demo mode, as then the OPD is open at whatever hour is measured and no SMS leaves the machine; the processes are
those of production (`sehat serve`, `sehat worker`). PostgreSQL does not wait for the disk, nor does pgbench beside it.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis as redis_client

from bench import processes
from tests.servers import Cluster, cluster, free_port, redis

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0
FOREIGN = ("SEHAT_", "DJANGO_", "DATABASE_", "REDIS_", "SMS_", "EMAIL_", "TURN_", "DATA")
SETTLE_SECONDS = 2.0
REFUSED = 2
"""The exit code of a portal that is set up wrongly (docs/deployment.md)."""
POSTGRESQL: dict[str, Any] = {
    "shared_buffers": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "random_page_cost": 1.1,
}
"""As a host with an SSD and some memory would have it; no checkpoint falls into a measurement."""


@dataclass
class Stack:
    """Running servers of one database."""

    cluster: Cluster
    database: str
    environment: dict[str, str]
    port: int = 0
    pids: dict[str, int] = field(default_factory=dict)
    """Of PostgreSQL, Redis, web and worker: the first process of each."""

    @property
    def address(self) -> str:
        """Of the pages and sockets."""
        return f"http://127.0.0.1:{self.port}"

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far of each server with all its processes."""
        return {name: processes.cpu(pid) for name, pid in self.pids.items()}

    def run(self, *words: str) -> str:
        """Run a Python module of ours with the portal's environment to its end; what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=ROOT, env=self.environment, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{words}: {done.stderr[-4000:]}")
        return done.stdout

    def people(self, *words: object) -> Any:
        """Make people for a measurement (`bench.people`); what a generator of load must know of them."""
        return json.loads(self.run("bench.people", *map(str, words)))


@contextmanager
def database() -> Iterator[Cluster]:
    """A cluster for one or more stacks."""
    with cluster(**POSTGRESQL) as server:
        yield server


def prepare(server: Cluster, name: str, template: str = "template1") -> Stack:
    """A database with the demo's places and staff in it, or a copy of another; nothing runs on it yet."""
    url = server.clone(name, template)
    folder = Path(server.folder, f"portal-{name}")
    folder.mkdir()
    clean = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
    environment = clean | {
        "DJANGO_SETTINGS_MODULE": "sehat.config.settings",
        "SEHAT_DEMO": "1",
        "DATA": str(folder),
        "DATABASE_URL": url,
    }
    stack = Stack(server, name, environment)
    stack.run("sehat", "migrate")
    if template == "template1":
        stack.run("sehat", "demo")
    return stack


@contextmanager
def running(stack: Stack, *, web: int = 1, worker: bool = True) -> Iterator[Stack]:
    """Start Redis, `web` processes and a worker on a prepared database; end them by their numbers."""
    with ExitStack() as ends:
        url = ends.enter_context(redis())
        with redis_client.Redis.from_url(url) as client:
            stack.pids = {"PostgreSQL": stack.cluster.pid, "Redis": int(client.info()["process_id"])}
        stack.port = free_port()
        environment = stack.environment | {"REDIS_URL": url, "PORT": str(stack.port)}
        serve = ("serve", "--port", str(stack.port), "--workers", str(web))
        started = ends.enter_context(_process(environment, *serve))
        stack.pids["web"] = started.pid
        if worker:
            stack.pids["worker"] = ends.enter_context(_process(environment, "worker")).pid
        _wait(stack.address, started)
        time.sleep(SETTLE_SECONDS)
        yield stack


@contextmanager
def _process(environment: dict[str, str], *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    with tempfile.TemporaryFile() as log:
        command = [sys.executable, "-m", "sehat", *words]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
            log.seek(0)
            # What it says where it refuses to start is one line, for whoever set it up wrongly.
            if b"Traceback" in (said := log.read()) or process.returncode == REFUSED:
                print(f"{words} said:\n{said.decode()[-4000:]}", file=sys.stderr)


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address + "/readyz", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the portal did not start")
