"""The pages around an issued prescription: the code that a telephone scans, the doctor's own ones, HQ's door."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journey.people import WAIT
from tests.portal import Portal

pytestmark = pytest.mark.browser

WIDTHS = {"en": 360, "hi": 1280}


@pytest.fixture(params=["en", "hi"])
def context(request: pytest.FixtureRequest, browser: Browser, portal: Portal) -> Iterator[BrowserContext]:
    """A fresh browser; narrow and English, then wide and Hindi."""
    fresh = browser.new_context(
        base_url=portal.address,
        viewport={"width": WIDTHS[request.param], "height": 800},
        reduced_motion="reduce",
    )
    fresh.set_default_timeout(WAIT)
    fresh.add_cookies([{"name": "django_language", "value": request.param, "url": portal.address}])
    yield fresh
    fresh.close()


def _look(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    faults = [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]
    assert not faults, (page.url, faults)
    size = page.viewport_size
    assert size
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url


def _logs_in(context: BrowserContext, portal: Portal, role: str) -> Page:
    login = next(one for one in portal.get_json("/demo/people.json")["staff"] if one["role"] == role)
    page = context.new_page()
    page.goto("/staff/login/")
    page.locator("[name=username]").fill(login["username"])
    page.locator("[name=password]").fill(login["password"])
    page.locator("main form button").click()
    page.wait_for_url(re.compile("/desk/$|/office/"))
    return page


def test_a_doctor_looks_at_the_own_prescriptions_and_a_telephone_checks_one(
    context: BrowserContext, portal: Portal, browser: Browser, tmp_path: Path
) -> None:
    page = _logs_in(context, portal, "doctor")
    page.locator("a[href='/issued/']").click()
    _look(page)
    amend = page.locator("a[href$='/amend/']").first
    rx = page.locator("a[href^='/rx/']").first.get_attribute("href")
    amend.click()
    expect(page.locator("ol.rx-lines > li").first).to_be_visible()
    _look(page)
    page.goto("/issued/")
    page.locator("a[href$='/revoke/']").first.click()
    page.locator("main form button.danger").click()
    expect(page.locator("[name=reason][aria-invalid=true]")).to_be_visible()
    _look(page)

    (tmp_path / "rx.pdf").write_bytes(context.request.get(f"{rx}pdf/").body())
    subprocess.run(
        ["pdftoppm", "-r", "90", "-f", "1", "-l", "1", "-png", "-singlefile", "rx.pdf", "rx"], cwd=tmp_path, check=True
    )
    with Image.open(tmp_path / "rx.png") as picture:
        (code,) = zxingcpp.read_barcodes(picture)
    telephone = browser.new_context(java_script_enabled=False)
    scanned = telephone.new_page()
    scanned.goto(code.text)
    expect(scanned.get_by_role("heading", name="Valid", exact=True)).to_be_visible()
    telephone.close()

    page.goto("/verify/")
    page.locator("[name=paper]").set_input_files(tmp_path / "rx.pdf")
    page.locator("main form[method=post] button").click()
    expect(page.locator(".notice.ok")).to_be_visible()
    _look(page)
    page.locator("[name=paper]").set_input_files(
        {"name": "big.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n" + bytes(9_000_000)}
    )
    page.locator("main form[method=post] button").click()
    expect(page.locator("#id_paper_error")).to_be_visible()
    _look(page)


def test_hq_finds_the_door_to_a_record(context: BrowserContext, portal: Portal) -> None:
    page = _logs_in(context, portal, "hq")
    page.locator("a[href='/hq/record/']").click()
    page.locator("main form button.primary").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    _look(page)
