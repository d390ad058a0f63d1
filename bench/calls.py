"""Row 4: from Call Now pressed to the first frame of the doctor, held against a bare call in the same run."""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, expect

from bench.browsers import FIRST_FRAME, chromium, first_frame, need
from bench.result import Result, at_most, told
from bench.server import running
from tests.consultation.scene import play
from tests.servers import free_port, wait_for

WARM_UP, ROUNDS = 1, 7
MOST = 1.3
"""Times the bare call."""

# The doctor answers as soon as the desk rings: no human second is measured.
ANSWERS = """
  new MutationObserver(() => {
    const button = document.querySelector("button.call");
    if (button && location.pathname === "/desk/" && !window.answered) {
      window.answered = true;
      button.click();
    }
  }).observe(document, { childList: true, subtree: true });
"""
PRESS = "button => { const at = performance.timeOrigin + performance.now(); button.click(); return at; }"


@contextmanager
def _person(browser: Browser, address: str, session: str = "", script: str = "") -> Iterator[BrowserContext]:
    with browser.new_context(base_url=address) as context:
        context.add_init_script(FIRST_FRAME + script)
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        yield context


def _call(browser: Browser, address: str, data: Path) -> float:
    """Milliseconds of one call over the portal."""
    [scene] = play(data, "call", "1")
    with (
        _person(browser, address, scene["patient"]) as patient,
        _person(browser, address, scene["doctor"], ANSWERS) as doctor,
    ):
        desk, room = doctor.new_page(), patient.new_page()
        desk.goto("/desk/", wait_until="networkidle")
        room.goto("/waiting/", wait_until="networkidle")
        button = room.get_by_role("button", name="Call Now")
        expect(button).to_be_enabled()
        pressed = float(button.evaluate(PRESS))
        return first_frame(room) - pressed


def _bare(browser: Browser, address: str) -> float:
    """Milliseconds of one bare call, from the moment at which both pages are asked for."""
    with _person(browser, address) as one, _person(browser, address) as other:
        left, right = one.new_page(), other.new_page()
        for page in (left, right):
            page.goto("about:blank")
        began = float(left.evaluate("performance.timeOrigin + performance.now()"))
        left.evaluate(f"location.assign('{address}/#first')")
        right.evaluate(f"location.assign('{address}/#second')")
        return first_frame(left) - began


@contextmanager
def _bare_server() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.bare_call", str(port)])
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def measure() -> list[Result]:
    """Medians of calls and bare calls taken in turn, so that a busy second slows both."""
    need("4")
    ours: list[float] = []
    bare: list[float] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as portal,
        _bare_server() as plain,
        chromium() as browser,
    ):
        for _ in range(WARM_UP + ROUNDS):
            bare.append(_bare(browser, plain))
            ours.append(_call(browser, portal.address, Path(folder)))
    slow, least = statistics.median(ours[WARM_UP:]), statistics.median(bare[WARM_UP:])
    return [
        at_most("4 Call Now pressed to the first remote frame", slow, "ms", MOST * least),
        told("  a bare call of two pages", least, "ms"),
    ]
