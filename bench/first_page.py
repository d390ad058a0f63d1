"""Row 7: the first page of a patient on a slow line, nothing kept from before."""

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from bench.browsers import chromium, need
from bench.result import Result, at_most
from bench.server import running

ROUNDS = 5
LINE = {"offline": False, "latency": 400, "downloadThroughput": 1_000_000 / 8, "uploadThroughput": 1_000_000 / 8}
"""1 Mbit/s and 400 ms for each answer, by the browser's own throttling: ms and bytes a second."""
SECONDS, KILOBYTES = 2.0, 100.0
PAGES = {"Home, English": ("/", "en"), "Home, Hindi": ("/", "hi"), "Registration, Hindi": ("/register/", "hi")}

# The largest text or picture of the first screen, painted in whichever font was there first.
READABLE = """
  new PerformanceObserver((list) => (window.readable = list.getEntries().at(-1).startTime))
    .observe({ type: "largest-contentful-paint", buffered: true });
"""


def _load(browser: Browser, address: str, path: str, language: str) -> tuple[float, float]:
    """Seconds until the page can be read, kilobytes over the wire until nothing more is asked for."""
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        context.add_cookies([{"name": "django_language", "value": language, "url": address}])
        context.add_init_script(READABLE)
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", LINE)
        wire: list[float] = []
        devtools.on("Network.loadingFinished", lambda event: wire.append(event["encodedDataLength"]))
        page.goto(address + path, wait_until="networkidle")
        return float(page.evaluate("window.readable")) / 1000, sum(wire) / 1000


def measure() -> list[Result]:
    """Median seconds and kilobytes of each page."""
    need("7")
    results = []
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as portal, chromium() as browser:
        for name, (path, language) in PAGES.items():
            loads = [_load(browser, portal.address, path, language) for _ in range(ROUNDS)]
            seconds, kilobytes = (statistics.median(values) for values in zip(*loads, strict=True))
            results += [
                at_most(f"7 {name}: readable, cold, 1 Mbit/s and 400 ms", seconds, "s", SECONDS),
                at_most(f"7 {name}: over the wire", kilobytes, "KB", KILOBYTES),
            ]
    return results
