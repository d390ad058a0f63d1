"""Throw-away servers: each in a temporary folder on a free port of its own; one that runs already is never touched.

`python -m tests.servers postgresql COMMAND…` runs the command with `SEHAT_TEST_DATABASE_URL` set to a fresh cluster.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 20  # seconds


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return once the process listens on the port."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"{process.args!r} does not listen on {port}")


def _postgresql_programs() -> Path:
    """The folder of the newest PostgreSQL of the machine."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if folders:
        return folders[-1]
    found = shutil.which("postgres")
    if found is None:
        raise FileNotFoundError("PostgreSQL is not installed (Debian: postgresql)")
    return Path(found).parent


class Cluster:
    """A fresh PostgreSQL cluster of our own. PostgreSQL refuses root, so as root it runs as the user `postgres`.

    `inside` comes before the server's command (`ip netns exec …`), `host` is where it listens. One that `keeps` loses
    nothing that it has confirmed, however it is stopped. `more` are settings of `postgresql.conf`.
    """

    def __init__(
        self, *, host: str = "127.0.0.1", inside: Sequence[str] = (), keeps: bool = False, **more: object
    ) -> None:
        self.host, self.port, self.inside, self.keeps, self.more = host, free_port(), inside, keeps, more
        self.folder = tempfile.mkdtemp(prefix="sehat-postgresql-")
        self._programs = _postgresql_programs()
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._user = {"user": "postgres", "group": "postgres", "extra_groups": []}
            shutil.chown(self.folder, "postgres", "postgres")
        self._data = f"{self.folder}/data"
        subprocess.run(
            [
                self._programs / "initdb",
                "-D",
                self._data,
                *["-U", "sehat", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **self._user,
        )
        if inside:
            with Path(self._data, "pg_hba.conf").open("a") as rules:
                rules.write("host all all samenet trust\n")
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        """How to reach a database of it."""
        return f"postgresql://sehat@{self.host}:{self.port}/{database}"

    @property
    def pid(self) -> int:
        """The server's process; those of its connections are its children."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait for it."""
        # Nothing of this cluster is to outlive the tests, so it need not wait for the disk.
        settings = {
            "port": self.port,
            "listen_addresses": self.host,
            "unix_socket_directories": self.folder,
            "fsync": "off",
            "synchronous_commit": "on" if self.keeps else "off",
            "full_page_writes": "off",
            # Statistics taken in the middle of the tests, of tables with three rows, would change plans by chance.
            "autovacuum": "off",
            "max_connections": 200,
            **self.more,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        # As root the server changes the user itself: `ip netns exec` needs root before.
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if self._user else []
        server = [str(self._programs / "postgres"), "-D", self._data, *options]
        with Path(self.folder, "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self.inside, *as_user, *server],
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(Path(self.folder, "log").read_text()[-2000:])
            time.sleep(0.05)

    def _answers(self) -> bool:
        ready = [str(self._programs / "pg_isready"), "-q", "-h", self.folder, "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGTERM waits for clients, SIGINT (fast) throws them out, SIGQUIT (immediate) is a crash."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(PATIENCE)

    def clone(self, name: str, template: str) -> str:
        """A copy of a database that nobody uses at the moment; its URL."""
        command = [str(self._programs / "createdb"), "-h", self.folder, "-p", str(self.port), "-U", "sehat"]
        subprocess.run([*command, "-T", template, name], check=True)
        return self.url(name)


@contextmanager
def cluster(
    *, host: str = "127.0.0.1", inside: Sequence[str] = (), keeps: bool = False, **more: object
) -> Iterator[Cluster]:
    """A started cluster, which may be stopped and started again; gone at the end."""
    server = Cluster(host=host, inside=inside, keeps=keeps, **more)
    try:
        server.start()
        yield server
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(server.folder, ignore_errors=True)


@contextmanager
def postgresql() -> Iterator[str]:
    """A fresh cluster; yields its URL."""
    with cluster() as server:
        yield server.url()


@contextmanager
def _listening(port: int, command: Sequence[str], **options: Any) -> Iterator[None]:
    """A server of ours, from when it listens until the block ends."""
    process = subprocess.Popen(command, **options)
    try:
        wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextmanager
def redis(*options: str) -> Iterator[str]:
    """A Redis without a disk, with more options where they are given; yields its URL."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    command += options
    with (
        tempfile.TemporaryDirectory(prefix="sehat-redis-") as folder,
        _listening(port, command, stdout=subprocess.DEVNULL, cwd=folder),
    ):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def s3(port: int = 0) -> Iterator[str]:
    """moto's server, which speaks the S3 protocol: a stand-in for a store. Without a bucket; yields its endpoint."""
    port = port or free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _listening(port, command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        yield f"http://127.0.0.1:{port}"


def main() -> int:
    """Run the command of the command line beside a fresh cluster; its exit code."""
    name, *command = sys.argv[1:]
    if name != "postgresql" or not command:
        sys.stderr.write("usage: python -m tests.servers postgresql COMMAND…\n")
        return 2
    with postgresql() as url:
        return subprocess.run(command, check=False, env=os.environ | {"SEHAT_TEST_DATABASE_URL": url}).returncode


if __name__ == "__main__":
    raise SystemExit(main())
