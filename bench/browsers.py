"""Chromium for the rows that a browser measures, and when it shows the first frame of a call."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.portal import CHROMIUM, launch

FIRST_FRAME = """
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      this.addEventListener("track", ({ track }) => {
        if (track.kind !== "video") return;
        const video = document.createElement("video");
        video.muted = true;
        video.srcObject = new MediaStream([track]);
        video.requestVideoFrameCallback(() => (window.firstFrame ??= performance.timeOrigin + performance.now()));
        video.play();
      });
    }
  };
"""
"""Notes, as `firstFrame`, the moment (ms) at which the first frame of the other side stood decoded."""
PATIENCE = 30_000  # ms


def need(row: str, *programs: str) -> None:
    """Stop with one sentence where a program is missing."""
    missing = [program for program in programs if shutil.which(program) is None]
    if not Path(CHROMIUM).exists():
        missing.append(CHROMIUM)
    if missing:
        raise SystemExit(f"bench row {row} needs {', '.join(missing)}: run tools/install-test-tools first")


@contextmanager
def chromium() -> Iterator[Browser]:
    """One Chromium with the test devices for camera and microphone."""
    with sync_playwright() as driver:
        browser = launch(driver)
        try:
            yield browser
        finally:
            browser.close()


def first_frame(page: Page) -> float:
    """When the first frame stood; waits for it."""
    page.wait_for_function("() => window.firstFrame", timeout=PATIENCE)
    return float(page.evaluate("window.firstFrame"))
