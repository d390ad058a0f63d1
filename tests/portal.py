"""The real portal, started as `make run` starts it, and real browsers to use it with."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.faults.hosts import Host

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    # Playwright's own list, as only the last one counts, and two pages of the address line that
    # nobody sees: they cost every new window 0.7 s of CPU.
    "--disable-features=AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,OptimizationHints,PaintHolding,PreconnectToSearch,"
    "ThirdPartyStoragePartitioning,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,WebUIOmniboxPopup",
]
BUILD = Path(sys.prefix) / f"built-for-tests-{crc32(str(ROOT).encode()):08x}"
"""Fonts and static files, made once for every portal that tests start (`SEHAT_BUILD`). Of this working copy: another
one that shares the virtual environment has other files."""
START_CPU_SECONDS = 40
"""What a first start may cost (it takes 12); counted in its own work, as the machine may be busy with other tests."""
LONGEST_START = 300


@dataclass
class Portal:
    """A running portal."""

    address: str
    data: Path
    log: Path

    def is_ready(self) -> None:
        """Raises OSError as long as it is not."""
        urllib.request.urlopen(self.address + "/readyz", timeout=2).close()

    def get_json(self, path: str) -> Any:
        """What the address answers, read as JSON."""
        with urllib.request.urlopen(self.address + path, timeout=10) as answer:
            return json.load(answer)

    def outbox(self, to: str) -> list[dict[str, str]]:
        """The notices to a mobile, newest first."""
        return self.get_json(f"/demo/outbox.json?to={to}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(data: Path, host: Host | None = None, **environment: str) -> tuple[Portal, subprocess.Popen[bytes]]:
    """Start `python -m sehat run` in `data` on a free port and wait for it; the caller ends the process.

    With `host`, the portal runs, and listens, inside that network namespace.
    """
    port = _free_port()
    portal = Portal(f"http://127.0.0.1:{port}", data, data / "portal.log")
    data.mkdir(parents=True, exist_ok=True)
    inside = host.inside if host else []
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SEHAT_", "DJANGO_"))}
    with portal.log.open("ab") as log:
        process = subprocess.Popen(
            [*inside, sys.executable, "-m", "sehat", "run", "--port", str(port), "--data", str(data)],
            cwd=ROOT,
            env=clean | {"SEHAT_BUILD": str(BUILD)} | environment,
            stdout=log,
            stderr=log,
        )
    ends = time.monotonic() + LONGEST_START
    while time.monotonic() < ends and process.poll() is None and _cpu_seconds(process.pid) < START_CPU_SECONDS:
        try:
            host.do(portal.is_ready) if host else portal.is_ready()
        except OSError:
            time.sleep(0.1)
        else:
            return portal, process
    end(process)
    raise AssertionError(f"the portal did not start:\n{portal.log.read_text()[-4000:]}")


def _cpu_seconds(pid: int) -> float:
    """What the process has worked so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def end(process: subprocess.Popen[bytes]) -> int:
    """Ctrl-C, as a person would; the exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        return process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One portal for all browser tests, with short clocks: Call Now stands for 8 s instead of 2 minutes."""
    running, process = start(tmp_path_factory.mktemp("portal") / "var", SEHAT_CALL_NOW_SECONDS="8")
    try:
        yield running
    finally:
        end(process)
    log = running.log.read_text()
    assert "Traceback" not in log, log[-8000:]


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver; for one module, as Django refuses the database beside its running loop."""
    with sync_playwright() as driver:
        yield driver


def launch(driver: Playwright, *flags: str) -> Browser:
    """The system's Chromium with fake camera and microphone."""
    return driver.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for a module; every person has a window of her or his own in it."""
    chromium = launch(playwright)
    yield chromium
    chromium.close()


def until(page: Page, script: str, arg: Any = None, *, seconds: float = 20) -> None:
    """Wait until the script, which may be `async`, says yes. `wait_for_function` takes the promise itself for a yes."""
    ends = time.monotonic() + seconds
    while not page.evaluate(script, arg):
        assert time.monotonic() < ends, f"not within {seconds} s: {script}"
        page.wait_for_timeout(50)
