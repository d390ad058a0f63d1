"""The relay: a real coturn, whose credentials the portal makes; a line through it is cut and comes back."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.consultation.test_call import Meet, meeting
from tests.portal import Portal, end, start

pytestmark = pytest.mark.browser

SECRET = "a-secret-for-the-relay"
ONLY_RELAY = """
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(given) { super({ ...given, iceTransportPolicy: "relay" }); }
  };
"""


@dataclass
class Relay:
    """coturn on this machine, to be killed and started again."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until its port answers."""
        program = shutil.which("turnserver")
        assert program, "coturn is not installed"
        options = {
            "listening-ip": "127.0.0.1",
            "listening-port": str(self.port),
            "relay-ip": "127.0.0.1",
            "static-auth-secret": SECRET,
            "realm": "sehat",
            "log-file": str(self.folder / "coturn.log"),
            "pidfile": str(self.folder / "coturn.pid"),
            "userdb": str(self.folder / "coturn.db"),
        }
        flags = ["-n", "--use-auth-secret", "--no-cli", "--no-tls", "--no-dtls", "--allow-loopback-peers"]
        self.process = subprocess.Popen(
            [program, *flags, *(f"--{name}={value}" for name, value in options.items())],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError("coturn did not start")

    def kill(self) -> None:
        """Cut every line that goes through it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """A running relay on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    running = Relay(port, tmp_path_factory.mktemp("coturn"))
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def relayed_portal(relay: Relay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal that knows the relay."""
    data = tmp_path_factory.mktemp("relayed") / "var"
    urls = f"turn:127.0.0.1:{relay.port}?transport=udp"
    portal, process = start(data, TURN_URLS=urls, TURN_SECRET=SECRET)
    yield portal
    end(process)


@pytest.fixture
def meet(relayed_portal: Portal, browser: Browser) -> Iterator[Meet]:
    """Open both pages of a new consultation."""
    with meeting(relayed_portal, browser) as open_both:
        yield open_both


def test_a_lost_line_comes_back(meet: Meet, relay: Relay) -> None:
    call = meet(both=ONLY_RELAY)
    for side in (call.patient, call.doctor):
        side.sees()
    relay.kill()
    for side in (call.patient, call.doctor):
        side.says("The line is lost. It comes back by itself, please wait.")
    call.doctor.page.get_by_label("Message", exact=True).fill("One moment, please.")
    call.doctor.page.get_by_role("button", name="Send").click()
    expect(call.patient.page.get_by_role("log")).to_contain_text("One moment, please.")
    relay.start()
    for side in (call.patient, call.doctor):
        side.says("You are connected.")
        side.sees()
    lines = call.patient.page.evaluate("window.lines.filter((line) => line.connectionState !== 'closed').length")
    assert lines == 1  # mended by an ICE restart, not made anew


def test_the_check_page_goes_through_the_relay(meet: Meet) -> None:
    page = meet().patient.page
    page.goto("/check/")
    page.get_by_role("button", name="Start the check").click()
    expect(page.get_by_text("The relay works")).to_be_visible(timeout=15_000)
