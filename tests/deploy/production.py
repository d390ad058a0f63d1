"""The portal as production runs it: `sehat serve` and `sehat worker` with every variable that they ask for."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.portal import BUILD, ROOT
from tests.servers import free_port

START_SECONDS = 60
RUN_SECONDS = 240
STOP_SECONDS = 40
FOREIGN = ("SEHAT_", "DJANGO_", "DATABASE_", "REDIS_", "SMS_", "EMAIL_", "TURN_", "DATA")


def make_keys(folder: Path, host: str = "localhost") -> dict[str, str]:
    """A key and certificate for PDFs, a key for codes, and one pair for TLS; the variables that name the first."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("signing", "tls"):
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={host}"),
                *("-addext", f"subjectAltName=DNS:{host},IP:127.0.0.1"),
                *("-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt"),
            ],
            check=True,
            capture_output=True,
        )
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", folder / "qr.key"],
        check=True,
        capture_output=True,
    )
    return {
        "SEHAT_SIGNING_KEY": str(folder / "signing.key"),
        "SEHAT_SIGNING_CERT": str(folder / "signing.crt"),
        "SEHAT_QR_KEY": str(folder / "qr.key"),
    }


@dataclass
class Portal:
    """One running `sehat serve`."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def address(self) -> str:
        """Without TLS, as the reverse proxy speaks to it."""
        return f"http://127.0.0.1:{self.port}"

    def get_json(self, path: str) -> Any:
        """What the address answers, read as JSON."""
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:
            return json.load(answer)

    def lines(self) -> list[dict[str, Any]]:
        """Its log so far; every line of it is JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@dataclass
class Production:
    """Settings, servers and a data folder that several processes share."""

    folder: Path
    environment: dict[str, str]
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @classmethod
    def prepare(cls, folder: Path, **more: str) -> "Production":
        """Make keys, tables and static files. `more` names the database and Redis."""
        environment = {
            "SEHAT_SECRET_KEY": "a-secret-key-of-the-tests-and-of-nothing-else",
            "SEHAT_HOSTS": "localhost,127.0.0.1",
            "SMS_URL": f"json://127.0.0.1:{free_port()}/{{to}}",
            "DATA": str(folder / "var"),
            "SEHAT_BUILD": str(BUILD),
            **make_keys(folder / "keys"),
            **more,
        }
        production = cls(folder, environment)
        done = production.run("migrate")
        assert done.returncode == 0, done.stderr
        return production

    def surroundings(self, changes: dict[str, str | None] | None = None) -> dict[str, str]:
        """This process's environment with nothing of a portal's but what this production says, and the changes."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        wanted = clean | {"PYTHONFAULTHANDLER": "1"} | self.environment | (changes or {})
        return {name: value for name, value in wanted.items() if value is not None}

    def run(self, *words: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
        """Run `sehat WORDS…` to its end, with some variables changed, or taken away by None."""
        command = [sys.executable, "-m", "sehat", *words]
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.surroundings(changes),
            timeout=RUN_SECONDS,
            check=False,
            text=True,
            capture_output=True,
        )

    def meet(self) -> dict[str, str]:
        """A patient in front of a doctor, at any hour: the reference of the consultation, the keys of both sessions."""
        environment = self.surroundings({"DJANGO_SETTINGS_MODULE": "sehat.config.settings", "SEHAT_DEMO": "1"})
        command = [sys.executable, "-m", "tests.consultation.scene", "meet", "1"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        scenes: list[dict[str, str]] = json.loads(done.stdout)
        return scenes[0]

    def start(self, *words: str, **changes: str | None) -> tuple[subprocess.Popen[bytes], Path]:
        """Start `sehat WORDS…`; its process and its log."""
        log = self.folder / f"{words[0]}-{len(self.started)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "sehat", *words],
                cwd=ROOT,
                env=self.surroundings(changes),
                stdout=out,
                stderr=out,
            )
        self.started.append(process)
        return process, log

    def serve(self, *words: str, **changes: str | None) -> Portal:
        """Start `sehat serve` on a port of its own and wait until it answers."""
        return self.serve_on(free_port(), *words, **changes)

    def serve_on(self, port: int, *words: str, **changes: str | None) -> Portal:
        """Start `sehat serve` on that port and wait until it answers."""
        process, log = self.start("serve", "--port", str(port), *words, **changes)
        portal = Portal(port, process, log)
        ends = time.monotonic() + START_SECONDS
        while time.monotonic() < ends and process.poll() is None:
            try:
                portal.get_json("/readyz")
            except OSError:
                time.sleep(0.1)
            else:
                return portal
        raise AssertionError(f"the portal did not start:\n{log.read_text()[-4000:]}")

    def end_all(self) -> None:
        """End what still runs."""
        for process in self.started:
            if process.poll() is None:
                stop(process)


def stop(process: subprocess.Popen[bytes]) -> int:
    """SIGTERM, as systemd and containers send it; the exit code. One that hangs leaves its stacks in its log."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
        process.wait(STOP_SECONDS)
        raise


@contextmanager
def ended(production: Production) -> Iterator[Production]:
    """Whatever happens, nothing that was started outlives the block."""
    try:
        yield production
    finally:
        production.end_all()
