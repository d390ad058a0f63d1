"""Takes `docs/pictures/` anew: each step of the OPD day in a running portal, in both languages, narrow and wide.

`make pictures` (or `python docs/pictures.py FOLDER` for another folder). Two browsers go through the day as the
journey test does; at each step the page is shown in English and Hindi at 360 and 1280 px.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.journey.people import Doctor, Patient, Window  # noqa: E402
from tests.portal import Portal, end, launch, start  # noqa: E402

MOBILE = "9876543212"
SIZES = {360: 740, 1280: 800}


class Album:
    """A folder of pictures."""

    def __init__(self, folder: Path, portal: Portal) -> None:
        self.folder = folder
        self.portal = portal
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, window: Window, name: str, *, video: bool = False) -> None:
        """The window's page in both languages and widths; of a call, with the other side's picture.

        The window reads English in the end.
        """
        page, before = window.page, window.page.viewport_size
        for language in ("hi", "en"):
            cookie = {"name": "django_language", "value": language, "url": self.portal.address}
            window.context.add_cookies([cookie])  # type: ignore[list-item]
            page.reload()
            if video:
                page.wait_for_function("() => document.getElementById('theirs').videoWidth > 0")
            for width, height in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                page.evaluate("scrollTo(0, 0)")
                page.wait_for_timeout(400)
                self._save(page.screenshot(), f"{name}-{language}-{width}.png")
        if before:
            page.set_viewport_size(before)

    def _save(self, png: bytes, name: str) -> None:
        path = self.folder / name
        path.write_bytes(png)
        with Image.open(path) as picture:
            small = picture.convert("RGB").quantize(128)
        small.save(path, optimize=True)
        print(name)


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
        album.take(window, name, video=True)
    doctor.issues_it()


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


def main() -> None:
    """Take all pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    with tempfile.TemporaryDirectory() as data, sync_playwright() as driver:
        record = Path(data) / "blood-report.png"
        Image.effect_noise((320, 240), 60).save(record)
        portal, process = start(Path(data) / "var", SEHAT_ANSWER_SECONDS="300")
        try:
            album, chromium = Album(folder, portal), launch(driver)
            patient, doctor = Patient(chromium, portal, MOBILE), Doctor(chromium, portal)
            _until_the_line(album, patient, record)
            _consultation(album, patient, doctor)
            _afterwards(album, patient, doctor)
            chromium.close()
        finally:
            end(process)


if __name__ == "__main__":
    main()
