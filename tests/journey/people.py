"""A patient and a doctor at their browsers: what each does, in the words of interface.md."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.portal import Portal, until

# Every connection is remembered, so that the test can ask the browser what it really decoded.
REMEMBER_CALLS = """
window.__calls = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...args) { super(...args); window.__calls.push(this); }
};
"""
FRAMES = """async () => {
  let frames = 0;
  for (const call of window.__calls || []) {
    for (const row of (await call.getStats()).values()) {
      if (row.type === 'inbound-rtp' && row.kind === 'video') frames += row.framesDecoded || 0;
    }
  }
  return frames;
}"""
# A connection made anew counts from nought again, so growth is looked for, and not a number.
MOVING = f"""async (label) => {{
  const decoded = {FRAMES};
  const shown = () => {{
    const video = document.querySelector(`video[aria-label="${{label}}"]`);
    return video?.videoWidth ? video.getVideoPlaybackQuality().totalVideoFrames : 0;
  }};
  const before = [await decoded(), shown()];
  await new Promise((later) => setTimeout(later, 1000));
  return (await decoded()) - before[0] > 3 && shown() - before[1] > 3;
}}"""
DECODING = f"""async () => {{
  const decoded = {FRAMES};
  const before = await decoded();
  await new Promise((later) => setTimeout(later, 1000));
  return (await decoded()) - before > 3;
}}"""
WAIT = 20_000
"""Milliseconds that a page may take; much, as two browsers and the portal share two cores."""

expect.set_options(timeout=WAIT)


class Window:
    """One person's browser: own cookies, own language, own camera."""

    def __init__(self, browser: Browser, portal: Portal, **options: Any) -> None:
        self.portal = portal
        self.context: BrowserContext = browser.new_context(
            base_url=portal.address, permissions=["camera", "microphone"], locale="en-IN", **options
        )
        self.context.add_init_script(REMEMBER_CALLS)
        self.context.set_default_timeout(WAIT)
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.was_offline = False
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, line: ConsoleMessage) -> None:
        url = line.location["url"]
        # A browser reports each try to reach the portal while it was offline.
        offline = self.was_offline and "ERR_INTERNET_DISCONNECTED" in line.text
        # A save that was on its way when the prescription was issued is refused: the draft is gone.
        too_late = "409" in line.text and url.endswith("/prescription/draft/")
        if line.type == "error" and not offline and not too_late:
            self.errors.append(f"{line.text} {url}")

    def frames(self) -> int:
        """Video frames of the other side decoded so far, by the browser's own count."""
        return int(self.page.evaluate(FRAMES))

    def sees(self, label: str) -> None:
        """The video so labelled shows moving pictures of the other side: frames are decoded, and shown, right now."""
        expect(self.page.get_by_label(label)).to_be_visible()
        until(self.page, MOVING, label)

    def receives(self) -> None:
        """Frames of the other side are decoded right now.

        Less than `sees`: a Chromium whose network process stood still shows no picture in that window any more, though
        it decodes them. What is shown after a cut of a real line, `tests/consultation/test_lines.py` looks at.
        """
        until(self.page, DECODING)

    def goes_offline(self, seconds: float) -> None:
        """The browser knows of no network for so long, and closes its sockets."""
        self.was_offline = True
        self.context.set_offline(True)
        self.page.wait_for_timeout(seconds * 1000)
        self.context.set_offline(False)

    def says(self, text: str) -> None:
        """Write a line into the chat."""
        self.page.get_by_label("Message", exact=True).fill(text)
        self.page.get_by_role("button", name="Send", exact=True).click()

    def gives(self, path: Path) -> None:
        """Give the other side a file."""
        chat = self.page.locator("form", has=self.page.locator("input[type=file]")).last
        chat.locator("input[type=file]").set_input_files(path)
        chat.get_by_role("button", name="Upload").click()

    def close(self) -> None:
        """Close the browser window; a script that failed on any page fails the test."""
        self.context.close()
        assert not self.errors, self.errors


class Patient(Window):
    """Somebody entitled, at a telephone."""

    def __init__(self, browser: Browser, portal: Portal, mobile: str) -> None:
        super().__init__(browser, portal, viewport={"width": 390, "height": 844})
        self.mobile = mobile

    def otp(self) -> str:
        """The newest OTP in the outbox."""
        newest = next(notice for notice in self.portal.outbox(self.mobile) if notice["kind"] == "otp")
        match = re.search(r"\b(\d{6})\b", newest["text"])
        assert match
        return match[1]

    def proves_the_mobile(self) -> None:
        """Mobile Number, Send OTP, Enter OTP, OK."""
        self.page.get_by_label("Mobile Number").fill(self.mobile)
        self.page.get_by_role("button", name="Send OTP").click()
        field = self.page.get_by_label("Enter OTP")
        field.wait_for()
        field.fill(self.otp())
        self.page.get_by_role("button", name="OK", exact=True).click()

    def registers(self, *, name: str, category: str, service_number: str, record: Path) -> str:
        """The whole of registration; returns the token number."""
        page = self.page
        page.goto("/")
        page.get_by_role("link", name="Patient Registration").first.click()
        self.proves_the_mobile()
        return self.fills_in(name=name, category=category, service_number=service_number, record=record)

    def fills_in(self, *, name: str, category: str, service_number: str, record: Path) -> str:
        """The details of patient and visit; returns the token number."""
        page = self.page
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("Gender", exact=True).select_option(label="Male")
        page.get_by_label("Age", exact=True).fill("41")
        page.get_by_label("Category", exact=True).select_option(label=category)
        page.get_by_label("Service number", exact=True).fill(service_number)
        page.get_by_label("Address", exact=True).fill("Quarter 12, Station Road")
        page.get_by_label("Pincode", exact=True).fill("110010")
        page.get_by_label("Pincode", exact=True).press("Tab")
        expect(page.get_by_label("State", exact=True)).to_have_value(re.compile("Delhi", re.IGNORECASE))
        expect(page.get_by_label("District", exact=True)).not_to_have_value("")
        page.get_by_label("City", exact=True).fill("Delhi Cantt")
        page.get_by_label("Language", exact=True).select_option(label="हिन्दी")
        page.get_by_label("Complaint", exact=True).fill("Fever and cough")
        page.get_by_label("OPD", exact=True).select_option(label="General OPD")
        page.get_by_label("Health records", exact=True).set_input_files(record)
        page.get_by_label("I agree", exact=True).check()
        page.get_by_role("button", name="Generate Patient ID & Token").click()
        expect(page).to_have_url(re.compile("/register/done/$"))
        token = re.search(r"[A-Z]+\d{3,}-\d{4}", page.inner_text("main"))
        assert token, page.inner_text("main")
        return token[0]

    def logs_in(self, token: str) -> None:
        """Mobile number and token number; the waiting room opens."""
        page = self.page
        page.goto("/login/")
        page.get_by_label("Mobile Number").fill(self.mobile)
        page.get_by_label("Token Number").fill(token)
        page.get_by_role("button", name="Login", exact=True).click()
        expect(page.get_by_role("heading", name="OPD Consultation Room")).to_be_visible()

    def presses_call_now(self) -> None:
        """As soon as the button lights up; the consultation page opens once the doctor has answered."""
        button = self.page.get_by_role("button", name="Call Now")
        expect(button).to_be_enabled()
        button.click()


class Doctor(Window):
    """A doctor at the desk."""

    def __init__(self, browser: Browser, portal: Portal) -> None:
        super().__init__(browser, portal, viewport={"width": 1280, "height": 900})
        self.login = next(
            staff for staff in portal.get_json("/demo/people.json")["staff"] if staff["opd"] == "General OPD"
        )

    def goes_to_the_desk(self) -> None:
        """Staff login; the desk is a doctor's first page."""
        page = self.page
        page.goto("/staff/login/")
        page.get_by_label("Username").fill(self.login["username"])
        page.get_by_label("Password").fill(self.login["password"])
        page.get_by_role("button", name="Login", exact=True).click()
        expect(page).to_have_url(re.compile("/desk/$"))

    def is_available(self) -> None:
        """Takes patients."""
        self.page.get_by_role("button", name="Available", exact=True).click()

    def answers(self) -> None:
        """The desk rings; the consultation page opens."""
        self.page.get_by_role("button", name="Answer").click()
        expect(self.page).to_have_url(re.compile("/consultation/.+/doctor/"))

    def writes_the_prescription(self) -> None:
        """Findings, a diagnosis and a medicine out of the searches, an advice."""
        page = self.page
        page.get_by_label("Findings").fill("Throat red, chest clear")
        page.get_by_label("Diagnosis").press_sequentially("acute pharyngitis", delay=20)
        page.get_by_role("option").filter(has_text=re.compile("pharyngitis", re.IGNORECASE)).first.click()
        page.get_by_label("Medicine").press_sequentially("paracetamol", delay=20)
        page.get_by_role("option").filter(has_text=re.compile("paracetamol", re.IGNORECASE)).first.click()
        page.get_by_label("Frequency").fill("1-1-1")
        page.get_by_label("Food").select_option(label="After food")
        page.get_by_label("Duration in days").fill("5")
        page.get_by_role("button", name="Add medicine").click()
        page.get_by_label("Advice").fill("Warm fluids, rest")

    def issues_it(self) -> None:
        """Issue prescription; the page says that it is done."""
        self.page.get_by_role("button", name="Issue prescription").click()
        expect(self.page.get_by_text("The prescription is issued")).to_be_visible()
