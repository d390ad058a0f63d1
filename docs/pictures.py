"""Takes `docs/pictures/` anew: each step of the OPD day in a running portal, in both languages, narrow and wide.

`make pictures` (or `python docs/pictures.py FOLDER` for another folder). Two browsers go through the day as the
journey test does, then the store, the commandant and HQ look at it; at each step the page is shown in English and Hindi
at 360 and 1280 px. A picture that shows what it showed before, but for a number or the time, is left as it is.
"""

import io
import re
import sys
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageDraw, ImageFont
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.journey.people import Doctor, Patient, Window  # noqa: E402
from tests.portal import Portal, end, launch, start  # noqa: E402

MOBILE, NEXT_MOBILE = "9876543212", "9876543213"
SIZES = {360: 740, 1280: 800}
SAME = 0.004
"""The part of its pixels in which a picture may differ and still show the same."""


class Album:
    """A folder of pictures."""

    def __init__(self, folder: Path, portal: Portal) -> None:
        self.folder = folder
        self.portal = portal
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, window: Window, name: str, *, video: str = "", look: Callable[[Page], object] = Page.title) -> None:
        """The window's page in both languages and widths; of a call, with the pictures of the other sides (`video`:
        their ids). `look` does what a reload has undone, and turns the page to what is to be seen.

        The window reads English in the end.
        """
        page, before = window.page, window.page.viewport_size
        for language in ("hi", "en"):
            cookie = {"name": "django_language", "value": language, "url": self.portal.address}
            window.context.add_cookies([cookie])  # type: ignore[list-item]
            page.reload()
            for one in video.split():
                page.wait_for_function("(id) => document.getElementById(id).videoWidth > 0", arg=one)
            for width, height in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                page.evaluate("scrollTo(0, 0)")
                look(page)
                page.wait_for_timeout(400)
                self._save(page.screenshot(), f"{name}-{language}-{width}.png")
        if before:
            page.set_viewport_size(before)

    def _save(self, png: bytes, name: str) -> None:
        path = self.folder / name
        with Image.open(io.BytesIO(png)) as picture:
            small = picture.convert("RGB").quantize(128)
        if path.exists() and _shows(path, small.convert("RGB")):
            return
        small.save(path, optimize=True)
        print(name)


def _shows(path: Path, new: Image.Image) -> bool:
    with Image.open(path) as before:
        old = before.convert("RGB")
    if old.size != new.size:
        return False
    apart = ImageChops.difference(old, new).convert("L").point(lambda value: 255 * (value > 48))
    return apart.histogram()[255] < SAME * new.width * new.height


class Member(Window):
    """Somebody of the staff of the demo, logged in."""

    def __init__(self, browser: Browser, portal: Portal, username: str) -> None:
        super().__init__(browser, portal, viewport={"width": 1280, "height": 900})
        login: dict[str, Any] = next(
            one for one in portal.get_json("/demo/people.json")["staff"] if one["username"] == username
        )
        self.page.goto("/staff/login/")
        self.page.get_by_label("Username").fill(login["username"])
        self.page.get_by_label("Password").fill(login["password"])
        self.page.get_by_role("button", name="Login", exact=True).click()
        self.page.wait_for_url(lambda address: "/login/" not in address)


def _signs(page: Page) -> None:
    """A sign of an emergency is ticked."""
    page.locator("input[name=red_flags]").first.check()
    page.locator(".flags .alarm").evaluate("words => words.scrollIntoView({ block: 'end' })")


def _until_the_line(album: Album, patient: Patient, record: Path) -> None:
    page = patient.page
    page.goto("/")
    album.take(patient, "home")
    page.goto("/register/")
    album.take(patient, "registration")
    page.get_by_label("Mobile Number").fill(patient.mobile)
    page.get_by_role("button", name="Send OTP").click()
    page.get_by_label("Enter OTP").wait_for()
    album.take(patient, "otp")
    page.get_by_label("Enter OTP").fill(patient.otp())
    page.get_by_role("button", name="OK", exact=True).click()
    page.wait_for_url("**/register/details/")
    album.take(patient, "details")
    album.take(patient, "emergency", look=_signs)
    page.locator("input[name=red_flags]").first.uncheck()
    token = patient.fills_in(name="Sunil Yadav", category="Serving", service_number="15483027X", record=record)
    album.take(patient, "token")
    page.goto("/login/")
    album.take(patient, "login")
    patient.logs_in(token)
    album.take(patient, "waiting")


def _consultation(album: Album, patient: Patient, doctor: Doctor) -> None:
    doctor.goes_to_the_desk()
    album.take(doctor, "desk")
    doctor.is_available()
    expect(patient.page.get_by_role("button", name="Call Now")).to_be_enabled()
    album.take(patient, "call-now")
    patient.presses_call_now()
    expect(doctor.page.get_by_role("button", name="Answer")).to_be_visible()
    album.take(doctor, "desk-ringing")
    doctor.answers()
    patient.sees("Doctor's video")
    patient.says("नमस्ते डॉक्टर साहब")
    doctor.says("Namaste. Since when do you have the fever?")
    doctor.writes_the_prescription()
    for window, name in ((patient, "consultation"), (doctor, "consultation-doctor")):
        album.take(window, name, video="theirs")
    _three(album, patient, doctor)
    doctor.issues_it()


def _three(album: Album, patient: Patient, doctor: Doctor) -> None:
    browser = doctor.context.browser
    assert browser
    third = Member(browser, album.portal, "nair")
    third.page.goto("/desk/")
    third.page.get_by_role("button", name="Available", exact=True).click()
    doctor.page.reload()
    doctor.page.get_by_text("Ask another doctor into the call").click()
    doctor.page.get_by_label("Doctor", exact=True).select_option(index=0)
    doctor.page.get_by_role("button", name="Ask the patient first").click()
    patient.page.get_by_role("button", name="Yes, I agree").click()
    third.page.get_by_role("button", name="Join the call").click()
    third.page.wait_for_url("**/guest/")
    album.take(patient, "consultation-three", video="theirs third")
    third.page.get_by_role("button", name="Leave the call").click()
    third.page.wait_for_url("**/desk/")
    third.context.close()


def _afterwards(album: Album, patient: Patient, doctor: Doctor) -> None:
    page = patient.page
    page.goto("/history/")
    album.take(patient, "past-consultations")
    page.locator("a[href*='/rx/']").first.click()
    page.wait_for_url("**/rx/**")
    album.take(patient, "prescription")
    page.goto("/verify/")
    album.take(patient, "verify")
    page.goto("/doctors/")
    album.take(patient, "doctors-status")
    doctor.page.goto("/demo/outbox/")
    album.take(doctor, "outbox")


def _store_and_office(album: Album, patient: Patient, browser: Browser) -> None:
    page = patient.page
    page.goto("/history/")
    page.get_by_role("link", name="Medicines").click()
    album.take(patient, "medicines")
    page.goto("/history/")
    page.locator("a[href*='/rx/']").first.click()
    page.wait_for_url("**/rx/**")
    number = re.search(r"RX-\w{4}-\w{4}-\w", page.content())
    assert number
    store = Member(browser, album.portal, "pharmacist")
    store.page.get_by_label("Prescription number or code").fill(number[0])
    store.page.get_by_role("button", name="Look up", exact=True).click()
    store.page.wait_for_url("**/pharmacy/rx/**")
    album.take(store, "pharmacy")
    hq = Member(browser, album.portal, "hq")
    hq.page.goto("/hq/keys/")
    hq.page.get_by_label("Name", exact=False).first.fill("Dashboard of the Directorate")
    hq.page.get_by_role("button", name="Make a key").click()
    hq.page.goto("/hq/keys/")
    album.take(hq, "hq-keys")
    quarter = date.today() - timedelta(days=90)  # noqa: DTZ011 (of a picture)
    hq.page.goto(f"/office/reports/?by=week&frm={quarter}")
    album.take(hq, "hq-reports")


def _fill(visitor: Patient) -> None:
    """Sample people come, who need some minutes until there is something to count."""
    visitor.page.goto("/demo/")
    visitor.page.get_by_role("button", name="Fill the waiting room").click()


def _a_busy_morning(album: Album, visitor: Patient, browser: Browser, record: Path) -> None:
    """A visitor waits among the sample people, and the commandant looks on."""
    page = visitor.page
    room = page.locator("#waiting-room")
    expect(room).to_contain_text(re.compile(r"([5-9]|\d\d) sample patients wait"), timeout=120_000)
    album.take(visitor, "demo", look=lambda page: page.locator("#waiting-room").evaluate("one => one.scrollIntoView()"))
    token = visitor.registers(name="Thomas Mathew", category="Serving", service_number="118462W", record=record)
    visitor.logs_in(token)
    album.take(visitor, "waiting-filled")
    commandant = Member(browser, album.portal, "commandant")
    commandant.page.goto("/office/board/")
    commandant.page.wait_for_function(
        "() => /Completed today\\s*([4-9]|\\d\\d)/.test(document.body.innerText)", timeout=240_000
    )
    album.take(commandant, "board")


def _blood_report() -> Image.Image:
    """What a patient photographs: a sheet of a laboratory."""
    sheet = Image.new("RGB", (480, 480), "#fbfaf5")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(22)
    pen.rectangle((0, 0, 480, 64), fill="#0b6152")
    pen.text((24, 18), "BLOOD REPORT", fill="white", font=font)
    values = ("Haemoglobin", "13.2"), ("Leucocytes", "11,400"), ("Platelets", "2.1 lakh"), ("ESR", "28"), ("CRP", "18")
    for row, (name, value) in enumerate(values):
        pen.text((24, 96 + 70 * row), name, fill="#222", font=font)
        pen.text((320, 96 + 70 * row), value, fill="#222", font=font)
        pen.line((24, 144 + 70 * row, 456, 144 + 70 * row), fill="#bbb", width=2)
    return sheet


def main() -> None:
    """Take all pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    with tempfile.TemporaryDirectory() as data, sync_playwright() as driver:
        record = Path(data) / "blood-report.png"
        _blood_report().save(record)
        portal, process = start(Path(data) / "var", SEHAT_ANSWER_SECONDS="300")
        try:
            album, chromium = Album(folder, portal), launch(driver)
            patient, doctor = Patient(chromium, portal, MOBILE), Doctor(chromium, portal)
            _until_the_line(album, patient, record)
            _consultation(album, patient, doctor)
            _afterwards(album, patient, doctor)
            visitor = Patient(chromium, portal, NEXT_MOBILE)
            _fill(visitor)
            _store_and_office(album, patient, chromium)
            _a_busy_morning(album, visitor, chromium, record)
            chromium.close()
        finally:
            end(process)


if __name__ == "__main__":
    main()
