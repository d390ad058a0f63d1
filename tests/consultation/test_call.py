"""A call between two real browsers: pictures, sound, lines, files; and what may go wrong with each.

The portal, its sockets and WebRTC are the real ones; camera and microphone are Chromium's own test devices.
"""

import io
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, WebSocketRoute, expect

from tests.consultation.scene import play
from tests.portal import Portal, until

pytestmark = pytest.mark.browser

# Lets a test read getStats() of the page's own connections.
WATCH = """
  window.lines = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) { super(...given); window.lines.push(this); }
  };
"""
COUNTERS = """async () => {
  const seen = { video: 0, audio: 0, energy: 0 };
  for (const part of (await window.lines.at(-1).getStats()).values())
    if (part.type === "inbound-rtp" && part.kind === "video") seen.video += part.framesDecoded;
    else if (part.type === "inbound-rtp") { seen.audio += part.packetsReceived; seen.energy += part.totalAudioEnergy; }
  return seen;
}"""
LOW: ViewportSize = {"width": 360, "height": 640}  # a small telephone
PATIENCE = 20_000  # ms; two encoders and two decoders share a test machine with everything else


@dataclass
class Side:
    """One person's browser."""

    page: Page
    context: BrowserContext
    theirs: str
    address: str

    def sees(self, frames: int = 10) -> None:
        """More frames of the other side are decoded and shown than a moment ago."""
        video = self.page.get_by_label(self.theirs, exact=True)
        expect(video).to_be_visible()
        before = self.shown()
        self.page.wait_for_function(
            "([label, least]) => [...document.querySelectorAll('video')]"
            ".find((video) => video.ariaLabel === label).getVideoPlaybackQuality().totalVideoFrames >= least",
            arg=[self.theirs, before + frames],
            timeout=PATIENCE,
        )

    def shown(self) -> int:
        """Frames of the other side shown so far."""
        video = self.page.get_by_label(self.theirs, exact=True)
        return int(video.evaluate("video => video.getVideoPlaybackQuality().totalVideoFrames"))

    def counters(self) -> dict[str, float]:
        """What getStats() says of the newest connection: frames, packets, energy that came in."""
        counters: dict[str, float] = self.page.evaluate(COUNTERS)
        return counters

    def says(self, sentence: str) -> None:
        """The words over the picture."""
        expect(self.page.locator("#how")).to_have_text(sentence, timeout=PATIENCE)


@dataclass
class Call:
    """Both sides of one consultation."""

    ref: str
    patient: Side
    doctor: Side
    guest: Callable[[], Side]
    """Opens the browser of the doctor who may be invited, at the desk."""
    guest_name: str


Meet = Callable[..., Call]
_scenes: dict[Path, list[dict[str, str]]] = {}  # set in one go: starting Django costs more than setting one


@contextmanager
def meeting(
    portal: Portal, browser: Browser, doctors: Browser | None = None, guests: Browser | None = None
) -> Iterator[Meet]:
    """Opens calls on a portal, closes their browsers, and finds no error in their scripts.

    The patient sits at `browser`, and so do the doctor and the doctor to be invited, if no others are named.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def side(at: Browser, session: str, path: str, theirs: str, init: str) -> Side:
        context = at.new_context(base_url=portal.address, viewport={"width": 1280, "height": 800})
        contexts.append(context)
        context.add_init_script(WATCH + init)
        context.add_cookies([{"name": "sessionid", "value": session, "url": portal.address}])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return Side(page, context, theirs, path)

    def open_both(init: str = "", both: str = "") -> Call:
        scenes = _scenes.setdefault(portal.data, [])
        if not scenes:
            scenes += play(portal.data, "meet", "7")
        scene = scenes.pop()
        path = f"/consultation/{scene['ref']}/"
        call = Call(
            scene["ref"],
            side(browser, scene["patient"], path, "Doctor's video", init + both),
            side(doctors or browser, scene["doctor"], f"{path}doctor/", "Patient's video", both),
            lambda: side(guests or browser, scene["guest"], "/desk/", "Patient's video", both),
            scene["guest_name"],
        )
        for one in (call.patient, call.doctor):
            one.page.goto(one.address)
        return call

    yield open_both
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture
def meet(portal: Portal, browser: Browser) -> Iterator[Meet]:
    """Open both pages of a new consultation; `init` runs in the patient's page before its own scripts."""
    with meeting(portal, browser) as open_both:
        yield open_both


def test_both_see_and_hear_each_other(meet: Meet) -> None:
    call = meet()
    for side in (call.patient, call.doctor):
        side.says("You are connected.")
        side.sees()
        before = side.counters()
        side.sees()
        after = side.counters()
        assert after["video"] > before["video"]
        assert after["audio"] > before["audio"]
        assert after["energy"] > 0
        expect(side.page.get_by_label("Your video", exact=True)).to_be_visible()


def test_lines_and_files_cross_both_ways(meet: Meet) -> None:
    call = meet()
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(picture, "PNG")
    for here, there in ((call.patient, call.doctor), (call.doctor, call.patient)):
        text = f"<b>Temperature</b> 101 & rising, {here.theirs}"
        here.page.get_by_label("Message", exact=True).fill(text)
        here.page.get_by_role("button", name="Send").click()
        expect(there.page.get_by_role("log")).to_contain_text(text)
        expect(here.page.get_by_label("Message", exact=True)).to_have_value("")

        name = "report-of-patient.png" if here is call.patient else "leaflet.png"
        file = {"name": name, "mimeType": "image/png", "buffer": picture.getvalue()}
        here.page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        here.page.get_by_role("button", name="Upload").click()
        link = there.page.get_by_role("log").get_by_role("link", name=name)
        expect(link).to_be_visible()
        answer = there.context.request.get(str(link.get_attribute("href")))
        assert answer.headers["content-type"] == "image/png"
        assert Image.open(io.BytesIO(answer.body())).size == (40, 30)
    expect(call.patient.page.get_by_role("log").get_by_role("listitem")).to_have_count(4)
    # Both are health records now: they stand beside the doctor's video by themselves, and open there.
    page = call.doctor.page
    for name in ("report-of-patient.png", "leaflet.png"):
        expect(page.locator("#records").get_by_role("link", name=name)).to_be_visible()
    page.get_by_role("log").get_by_role("link", name="report-of-patient.png").click()
    shown = page.get_by_role("dialog", name="report-of-patient.png")
    expect(shown.get_by_role("img", name="report-of-patient.png")).to_be_visible()
    shown.get_by_role("button", name="Close").click()


def test_a_file_that_is_refused_says_why(meet: Meet) -> None:
    page = meet().patient.page
    page.locator("input[type=file]").set_input_files(
        {"name": "holiday.png", "mimeType": "image/png", "buffer": b"MZ\x90\x00 not a picture"}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert").filter(has_text="holiday.png")).to_be_visible()
    expect(page.get_by_role("log").get_by_role("listitem")).to_have_count(0)


def test_a_file_that_is_too_large_is_told_before_it_is_sent(meet: Meet) -> None:
    page = meet().patient.page
    page.set_viewport_size(LOW)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/upload/") else None)
    page.locator("input[type=file]").set_input_files(
        {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n" + bytes(6_000_000)}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert").filter(has_text="larger than 5 MB")).to_be_in_viewport()
    assert not sent


def test_a_photo_that_is_too_large_is_made_smaller_and_sent(meet: Meet) -> None:
    call = meet()
    page, photo, size = call.patient.page, io.BytesIO(), (1400, 1300)
    Image.frombytes("RGB", size, random.Random(7).randbytes(3 * size[0] * size[1])).save(photo, "PNG")
    assert len(photo.getvalue()) > 5 * 1024 * 1024
    page.locator("input[type=file]").set_input_files(
        {"name": "IMG_2034.png", "mimeType": "image/png", "buffer": photo.getvalue()}
    )
    page.get_by_role("button", name="Upload").click()
    link = call.doctor.page.get_by_role("log").get_by_role("link", name="IMG_2034.jpg")
    expect(link).to_be_visible(timeout=PATIENCE)
    kept = call.doctor.context.request.get(str(link.get_attribute("href"))).body()
    assert Image.open(io.BytesIO(kept)).size == size


@pytest.mark.parametrize("who", ["patient", "doctor"])
def test_a_reload_comes_back_into_the_same_call(meet: Meet, who: str) -> None:
    call = meet()
    for side in (call.patient, call.doctor):
        side.sees()
    getattr(call, who).page.reload()
    for side in (call.patient, call.doctor):
        side.says("You are connected.")
        side.sees()


def test_a_lost_socket_comes_back_and_nothing_is_missed(meet: Meet) -> None:
    call = meet()
    sockets: list[WebSocketRoute] = []

    def between(route: WebSocketRoute) -> None:
        route.connect_to_server()
        sockets.append(route)

    call.patient.page.route_web_socket("**/live/consultation/**", between)
    call.patient.page.reload()
    call.patient.sees()
    sockets[-1].close()
    call.doctor.page.get_by_label("Message", exact=True).fill("Can you hear me?")
    call.doctor.page.get_by_role("button", name="Send").click()
    expect(call.patient.page.get_by_role("log")).to_contain_text("Can you hear me?")
    call.patient.sees()
    assert len(sockets) == 2


def test_a_second_window_takes_over(meet: Meet) -> None:
    call = meet()
    call.doctor.sees()
    second = call.patient.context.new_page()
    second.goto(call.patient.address)
    expect(call.patient.page.get_by_role("heading", name="open in another window")).to_be_visible()
    Side(second, call.patient.context, "Doctor's video", "").sees()
    call.doctor.sees()
    call.patient.page.bring_to_front()  # a hidden window shows no frames
    call.patient.page.get_by_role("button", name="Use this window").click()
    expect(second.get_by_role("heading", name="open in another window")).to_be_visible()
    call.patient.sees()


def test_microphone_and_camera_go_off_and_on(meet: Meet) -> None:
    call = meet()
    call.doctor.sees()
    microphone, camera = (call.patient.page.get_by_role("button", name=name) for name in ("Microphone", "Camera"))
    microphone.click()
    expect(call.doctor.page.get_by_text("The patient's microphone is off.")).to_be_visible()
    expect(microphone).to_have_attribute("aria-pressed", "false")
    camera.click()
    expect(call.doctor.page.get_by_text("The patient's camera and microphone are off.")).to_be_visible()
    call.doctor.page.wait_for_timeout(1000)
    silent = call.doctor.counters()
    call.doctor.page.wait_for_timeout(1000)
    assert call.doctor.counters() == silent  # off is off: nothing comes
    microphone.click()
    camera.click()
    expect(call.doctor.page.locator("#theirs-note")).to_be_hidden()
    call.doctor.sees()


def test_leaving_and_returning(meet: Meet) -> None:
    call = meet()
    call.doctor.sees()
    call.patient.page.get_by_role("button", name="Leave").click()
    expect(call.patient.page.get_by_role("heading", name="You have left the call")).to_be_visible()
    call.doctor.says("The patient's line is lost. The patient can come back at any time.")
    call.patient.page.get_by_role("button", name="Return to the call").click()
    call.patient.sees()
    call.doctor.sees()


REFUSED = """
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (window.refused.some((kind) => wanted[kind])) throw new DOMException("", "%s");
    return ask(wanted);
  };
  window.refused = %s;
"""


def test_without_a_camera_sound_goes_on(meet: Meet) -> None:
    call = meet(REFUSED % ("NotAllowedError", '["video"]'))
    expect(call.patient.page.get_by_role("heading", name="The camera is not allowed")).to_be_visible()
    expect(call.doctor.page.get_by_text("The patient's camera is off.")).to_be_visible()
    call.patient.sees()
    until(call.doctor.page, f"async () => (await ({COUNTERS})()).energy > 0")
    # Allowed after all: the same call, without a reload.
    call.patient.page.evaluate("window.refused = []")
    call.patient.page.get_by_role("button", name="Try again").click()
    call.doctor.sees()
    expect(call.patient.page.get_by_role("heading", name="The camera is not allowed")).to_be_hidden()


def test_on_a_low_telephone_the_buttons_and_how_to_go_on_are_in_sight(meet: Meet) -> None:
    page = meet(REFUSED % ("NotAllowedError", '["video"]')).patient.page
    page.set_viewport_size(LOW)
    page.reload()
    expect(page.get_by_role("button", name="Try again")).to_be_in_viewport()
    page.get_by_role("button", name="Go on without").click()
    expect(page.get_by_label("Doctor's video", exact=True)).to_be_in_viewport(ratio=0.9)
    for name in ("Microphone", "Camera", "Leave"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)


def test_a_doctor_who_reads_the_chat_goes_on_seeing_the_patient(meet: Meet) -> None:
    page = meet().doctor.page
    page.set_viewport_size({"width": 1366, "height": 768})
    page.get_by_role("button", name="Upload").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Upload")).to_be_in_viewport()
    expect(page.get_by_label("Patient's video", exact=True)).to_be_in_viewport(ratio=0.9)


def test_without_any_device_one_sees_hears_and_writes(meet: Meet) -> None:
    call = meet(REFUSED % ("NotFoundError", '["video", "audio"]'))
    expect(call.patient.page.get_by_role("heading", name="No camera or microphone was found")).to_be_visible()
    call.patient.page.get_by_role("button", name="Go on without").click()
    call.patient.sees()
    call.patient.page.get_by_label("Message", exact=True).fill("I can see you.")
    call.patient.page.get_by_role("button", name="Send").click()
    expect(call.doctor.page.get_by_role("log")).to_contain_text("I can see you.")


def test_end_call_lets_the_patient_wait_for_the_prescription(meet: Meet, portal: Portal) -> None:
    call = meet()
    call.doctor.sees()
    call.patient.sees(60)
    call.doctor.page.get_by_role("button", name="End call").click()
    patient = call.patient.page
    expect(patient.get_by_role("heading", name="The doctor is writing your prescription")).to_be_visible()
    call.patient.says("The call has ended.")
    call.doctor.says("The call has ended.")

    play(portal.data, "complete", call.ref)
    patient.reload()
    expect(patient.get_by_role("heading", name="Your prescription is ready")).to_be_visible()
    call.doctor.page.reload()
    call.doctor.page.get_by_role("button", name="Back to the desk").click()
    expect(call.doctor.page).to_have_url(f"{portal.address}/desk/")

    evidence = play(portal.data, "evidence", call.ref)
    for side in ("patient", "doctor"):
        video, audio, drops = evidence[side]
        assert video >= 1 and audio >= 1 and drops == 0


def test_put_back_leads_both_away(meet: Meet, portal: Portal) -> None:
    call = meet()
    call.doctor.sees()
    call.doctor.page.get_by_role("button", name="Put back in queue").click()
    expect(call.doctor.page).to_have_url(f"{portal.address}/desk/")
    expect(call.patient.page).to_have_url(f"{portal.address}/waiting/")
