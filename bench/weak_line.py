"""Row 8: a consultation on a weak line, between network namespaces (tests/lines.py)."""

import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bench.browsers import need
from bench.result import Result, at_least, at_most
from tests.consultation.test_call import Call, meeting
from tests.faults.hosts import hosts
from tests.lines import Line, chromium, lead_home
from tests.portal import Portal, end, start

GOOD, WEAK, LOSS = 1000, 150, 3  # kbit/s, packets of a hundred
WARM_UP, SECONDS = 10, 20
FRAMES = 15.0  # a second
INVENTED = 1.0  # percent of the sound that a browser had to make up: more is heard as broken
INVENTED_WEAK = 5.0
DOWN_SECONDS = 10.0
PAUSED = "Picture paused"

MEASURE = """async () => {
  const seen = { frames: 0, samples: 0, invented: 0 };
  for (const part of (await window.lines.at(-1).getStats()).values()) {
    if (part.type !== "inbound-rtp") continue;
    if (part.kind === "video") seen.frames += part.framesDecoded;
    else {
      seen.samples += part.totalSamplesReceived;
      seen.invented += part.concealedSamples - part.silentConcealedSamples;
    }
  }
  return seen;
}"""


def _worse_side(call: Call, seconds: float) -> tuple[float, float]:
    """Frames a second, percent of invented sound: of the side that has it worse."""
    pages = [call.patient.page, call.doctor.page]
    before: list[dict[str, Any]] = [page.evaluate(MEASURE) for page in pages]
    began = time.monotonic()
    pages[0].wait_for_timeout(seconds * 1000)
    after: list[dict[str, Any]] = [page.evaluate(MEASURE) for page in pages]
    taken = time.monotonic() - began
    gained = [{key: new[key] - old[key] for key in old} for old, new in zip(before, after, strict=True)]
    frames = min(one["frames"] for one in gained) / taken
    invented = max(100 * one["invented"] / max(1, one["samples"]) for one in gained)
    return frames, invented


def _measured(call: Call, line: Line) -> list[Result]:
    line.narrow(GOOD, loss=LOSS)
    call.doctor.page.wait_for_timeout(WARM_UP * 1000)
    frames, invented = _worse_side(call, SECONDS)
    line.narrow(WEAK)
    began = time.monotonic()
    for side in (call.patient, call.doctor):
        side.page.locator("#how", has_text=PAUSED).wait_for(timeout=60_000)
    down = time.monotonic() - began
    call.doctor.page.wait_for_timeout(3000)  # what stood in the queue of the line has gone
    _, invented_weak = _worse_side(call, SECONDS)
    return [
        at_least(f"8 frames a second at 1 Mbit/s with {LOSS} % loss", frames, "/s", FRAMES),
        at_most("8 sound that had to be invented there", invented, "%", INVENTED),
        at_most(f"8 at {WEAK} kbit/s: sound alone, by itself, after", down, "s", DOWN_SECONDS),
        at_most(
            "8 sound that had to be invented there, tries of a picture included", invented_weak, "%", INVENTED_WEAK
        ),
    ]


def _on_lines(portal: Portal, patient: Line, doctor: Line, folder: Path) -> list[Result]:
    with (
        sync_playwright() as driver,
        chromium(driver, patient.host, folder) as his,
        chromium(driver, doctor.host, folder) as hers,
        meeting(portal, his, hers) as meet,
    ):
        call = meet()
        for side in (call.patient, call.doctor):
            side.sees()
        return _measured(call, patient)


def measure() -> list[Result]:
    """One call: first on a line of 1 Mbit/s with loss, then at 150 kbit/s."""
    need("8", "ip", "tc", "nft")
    with tempfile.TemporaryDirectory() as name, hosts("portal", "patient", "doctor") as (middle, patient, doctor):
        folder = Path(name)
        portal, process = start(folder / "var", middle)
        try:
            lead_home(middle, [patient, doctor], int(portal.address.rpartition(":")[2]))
            return _on_lines(portal, Line(patient), Line(doctor), folder)
        finally:
            end(process)
