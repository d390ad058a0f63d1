"""The pages around an issued prescription: the code that a telephone scans, the doctor's own ones, HQ's door."""

import re
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from joserfc.jwk import ECKey
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from sehat.papers import statement
from sehat.papers.statement import Statement
from tests.consultation import scene
from tests.journey import camera
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


SCAN = {"en": "Scan with the camera", "hi": "कैमरे से स्कैन करें"}
SENTENCES = {
    "en": {
        "NotAllowedError": "The camera is not allowed here.",
        "NotFoundError": "There is no camera that can be used now.",
        "slow": "Nothing could be read yet.",
        "other": "signed by another portal",
        "number": "Prescription number",
    },
    "hi": {
        "NotAllowedError": "कैमरे की अनुमति नहीं है।",
        "NotFoundError": "अभी कोई कैमरा काम में नहीं लिया जा सकता।",
        "slow": "अभी कुछ पढ़ा नहीं जा सका।",
        "other": "किसी और पोर्टल",
        "number": "पर्चा संख्या",
    },
}


def _scans(context: BrowserContext, script: str) -> tuple[Page, dict[str, str]]:
    """Somebody with such a telephone has pressed the button on the page of verifying; and the words to be seen."""
    page = context.new_page()
    page.add_init_script(script)
    page.goto("/verify/")
    language = page.locator("html").get_attribute("lang") or ""
    page.get_by_role("button", name=SCAN[language]).click()
    return page, SENTENCES[language]


def test_anybody_scans_a_code_on_the_page_itself(context: BrowserContext, portal: Portal) -> None:
    (met,) = scene.play(portal.data, "meet", "1")
    rx = scene.play(portal.data, "prescribe", met["ref"], "en")
    page, _words = _scans(context, camera.reads(f"https://opd.example.in/verify/?number={rx['number']}"))
    expect(page.locator(".notice.ok")).to_contain_text(rx["number"])
    _look(page)


def test_the_code_of_another_portal_has_its_sentence(context: BrowserContext) -> None:
    key = ECKey.generate_key("P-256")
    stated = Statement("RX-7K3M-9QTD-E", date(2026, 11, 23), "KMC-1", "uGALHHlRJivwZWt-xry3gQ")
    code = statement.sign(stated, ECKey.import_key({**key.as_dict(private=True), "kid": "foreign1"}))
    page, words = _scans(context, camera.reads(f"https://other.example/verify/?qr={code}"))
    expect(page.locator(".notice.error")).to_contain_text(words["other"])
    _look(page)


@pytest.mark.parametrize("error", ["NotAllowedError", "NotFoundError"])
def test_a_camera_refused_or_missing_leaves_the_number(context: BrowserContext, error: str) -> None:
    page, words = _scans(context, camera.fails(error))
    expect(page.get_by_role("alert")).to_contain_text(words[error])
    expect(page.get_by_label(words["number"])).to_be_in_viewport()
    _look(page)


def test_a_code_that_is_not_read_is_helped_and_can_be_stopped(context: BrowserContext) -> None:
    context.clock.install()
    page, words = _scans(context, camera.reads("").replace('[{ rawValue: "" }]', "[]"))
    expect(page.locator("video")).to_be_visible()
    _look(page)
    context.clock.run_for(13_000)
    expect(page.get_by_text(words["slow"])).to_be_visible()
    _look(page)
    page.locator("[data-part=stop]").click()
    expect(page.locator("video")).to_be_hidden()
    expect(page.locator("[data-part=start]")).to_be_focused()


def test_hq_finds_the_door_to_a_record(context: BrowserContext, portal: Portal) -> None:
    page = _logs_in(context, portal, "hq")
    page.locator("a[href='/hq/record/']").click()
    page.locator("main form button.primary").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    _look(page)
