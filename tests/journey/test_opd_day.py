"""The OPD day, end to end, as patient and doctor in two real browser windows (domain.md, "The six steps")."""

import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Playwright, expect

from tests.journey.line import Line
from tests.journey.people import Doctor, Patient
from tests.portal import Portal, launch

pytestmark = pytest.mark.browser

SUNIL = {"name": "Sunil Yadav", "category": "Serving", "service_number": "15483027X"}
MOBILE = "9876543212"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A health record: a photograph of a report."""
    path = tmp_path / "blood-report.png"
    Image.effect_noise((640, 480), 60).save(path)
    return path


MARK = f"--window-name=sunils-telephone-{os.getpid()}"


@pytest.fixture
def sunil(playwright: Playwright, portal: Portal) -> Iterator[Patient]:
    """A serving soldier with a telephone: a Chromium of its own, so that its line can be cut."""
    telephone = launch(playwright, MARK)
    window = Patient(telephone, portal, MOBILE)
    yield window
    window.close()
    telephone.close()


@pytest.fixture
def line(sunil: Patient) -> Line:
    """Sunil's line."""
    return Line(MARK)


@pytest.fixture
def dr_rao(browser: Browser, portal: Portal) -> Iterator[Doctor]:
    """A doctor of the General OPD."""
    window = Doctor(browser, portal)
    yield window
    window.close()


def test_one_patient_one_doctor_one_signed_prescription(
    portal: Portal,
    browser: Browser,
    sunil: Patient,
    dr_rao: Doctor,
    line: Line,
    picture: Path,
    tmp_path: Path,
) -> None:
    token = sunil.registers(**SUNIL, record=picture)
    assert token in portal.outbox(MOBILE)[0]["text"]
    sunil.logs_in(token)
    expect(sunil.page.get_by_text("Your place", exact=True)).to_be_visible()

    dr_rao.goes_to_the_desk()
    dr_rao.is_available()
    _misses_a_call(sunil, portal)
    sunil.presses_call_now()
    dr_rao.answers()
    expect(sunil.page).to_have_url(re.compile("/consultation/"))

    _see_each_other(sunil, dr_rao)
    _write_to_each_other(sunil, dr_rao, picture)
    _lose_the_line_and_come_back(sunil, dr_rao, line)
    dr_rao.page.reload()
    sunil.receives()
    dr_rao.sees("Patient's video")

    dr_rao.writes_the_prescription()
    dr_rao.issues_it()
    expect(sunil.page.get_by_role("link", name="Open the prescription")).to_be_visible()
    dr_rao.page.get_by_role("button", name="End call").click()
    expect(dr_rao.page).to_have_url(re.compile("/desk/$"))

    _read_the_prescription(portal, browser, tmp_path)
    _reads_the_past(browser, portal)


def _misses_a_call(sunil: Patient, portal: Portal) -> None:
    """Called, not pressed: back of the line, told why; then called again."""
    button = sunil.page.get_by_role("button", name="Call Now")
    expect(button).to_be_enabled()
    history = sunil.page.locator("details", has_text="What has happened with my token?")
    expect(history).to_contain_text("so you went to the end of the line")
    kinds = [notice["kind"] for notice in portal.outbox(MOBILE)]
    assert "call_now" in kinds
    assert "call_missed" in kinds


def _see_each_other(sunil: Patient, dr_rao: Doctor) -> None:
    sunil.sees("Doctor's video")
    dr_rao.sees("Patient's video")


def _write_to_each_other(sunil: Patient, dr_rao: Doctor, picture: Path) -> None:
    sunil.says("नमस्ते डॉक्टर <b>साहब</b>")
    expect(dr_rao.page.get_by_role("log")).to_contain_text("नमस्ते डॉक्टर <b>साहब</b>")
    dr_rao.says("Since when do you have the fever?")
    expect(sunil.page.get_by_role("log")).to_contain_text("Since when do you have the fever?")
    sunil.gives(picture)
    expect(dr_rao.page.get_by_role("log").get_by_role("link", name="blood-report")).to_be_visible()
    dr_rao.gives(picture)
    links = sunil.page.get_by_role("log").get_by_role("link", name="blood-report")
    expect(links).to_have_count(2)
    answer = sunil.context.request.get(links.last.get_attribute("href") or "")
    assert answer.ok
    assert answer.body().startswith(b"\x89PNG")


def _lose_the_line_and_come_back(sunil: Patient, dr_rao: Doctor, line: Line) -> None:
    """A tunnel of six seconds: both pages notice, and find each other again by themselves."""
    line.cut()
    dr_rao.page.wait_for_timeout(1000)
    before = dr_rao.frames()
    dr_rao.page.wait_for_timeout(5000)
    assert dr_rao.frames() - before < 10, "the line was not cut"
    line.mend()
    sunil.goes_offline(seconds=2)
    sunil.receives()
    dr_rao.sees("Patient's video")
    sunil.says("Can you hear me again?")
    expect(dr_rao.page.get_by_role("log")).to_contain_text("Can you hear me again?")


def _read_the_prescription(portal: Portal, browser: Browser, tmp_path: Path) -> None:
    """The link of the SMS opens it for anyone who holds it; the PDF is signed and speaks Hindi."""
    notice = next(notice for notice in portal.outbox(MOBILE) if notice["kind"] == "prescription_ready")
    match = re.search(r"https?://\S+/rx/\S+?/", notice["text"])
    assert match, notice["text"]
    context = browser.new_context()
    page = context.new_page()
    page.goto(match[0])
    expect(page.get_by_text("PARACETAMOL").first).to_be_visible()
    expect(page.get_by_role("button", name="Print").or_(page.get_by_role("link", name="Print"))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    path = tmp_path / "prescription.pdf"
    download.value.save_as(path)
    context.close()
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True, text=True).stdout
    for words in ("Sunil Yadav", "PARACETAMOL", "दिन", "Rao"):
        assert words in text, text
    signed = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, check=False, text=True).stdout
    assert "Signature is Valid" in signed, signed
    assert "Total document signed" in signed, signed


def _reads_the_past(browser: Browser, portal: Portal) -> None:
    """Days later, without a token: OTP, and the consultation is there."""
    later = Patient(browser, portal, MOBILE)
    later.page.goto("/login/")
    later.page.get_by_role("link", name="Login with OTP").click()
    later.proves_the_mobile()
    past = later.page.get_by_role("heading", name="Past Consultations")
    expect(past.first).to_be_visible()
    expect(later.page.get_by_text("Rao").first).to_be_visible()
    later.close()


def test_the_portal_asks_no_other_host(portal: Portal) -> None:
    """No page names an address outside the portal's own network (domain.md)."""
    for path in ("/", "/register/", "/login/", "/check/", "/contact/", "/faq/", "/doctors/", "/verify/"):
        html = urllib.request.urlopen(portal.address + path).read().decode()
        others = re.findall(r"(?:src|href|action)=\"(?:https?:)?//(?!127\.0\.0\.1)[^\"]*", html)
        assert not others, (path, others)
