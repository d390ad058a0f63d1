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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 20  # seconds


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"{process.args} does not listen on {port}")


def _postgresql_programs() -> Path:
    """The folder of the newest PostgreSQL of the machine."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if folders:
        return folders[-1]
    found = shutil.which("postgres")
    if found is None:
        raise FileNotFoundError("PostgreSQL is not installed (Debian: postgresql)")
    return Path(found).parent


@contextmanager
def postgresql() -> Iterator[str]:
    """A fresh cluster; yields its URL. PostgreSQL refuses root, so as root it runs as the user `postgres`."""
    programs, port = _postgresql_programs(), free_port()
    folder = tempfile.mkdtemp(prefix="sehat-postgresql-")
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, "postgres", "postgres")
    data = f"{folder}/data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "sehat", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        **user,
    )
    # Nothing of this cluster is to outlive the tests, so it need not wait for the disk.
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": folder,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": 200,
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with Path(folder, "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, *options], stdout=log, stderr=log, cwd=folder, **user
        )
        try:
            _wait_for(port, process)
            yield f"postgresql://sehat@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis() -> Iterator[str]:
    """A Redis without a disk; yields its URL."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with tempfile.TemporaryDirectory(prefix="sehat-redis-") as folder:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder)
        try:
            _wait_for(port, process)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait(PATIENCE)


def main() -> int:
    """Run the command of the command line beside a fresh cluster; its exit code."""
    name, *command = sys.argv[1:]
    if name != "postgresql" or not command:
        sys.stderr.write("usage: python -m tests.servers postgresql COMMAND…\n")
        return 2
    with postgresql() as url:
        return subprocess.run(
            command, check=False, env=os.environ | {"SEHAT_TEST_DATABASE_URL": url}
        ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
