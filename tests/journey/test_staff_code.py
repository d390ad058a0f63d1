"""A member of staff sets up the code at login in a real browser, by keyboard, and logs in with it."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.accounts.app import App
from tests.journey.people import WAIT
from tests.portal import ROOT, Portal

pytestmark = pytest.mark.browser

PASSWORD = "three-green-parrots"


@pytest.fixture(scope="module")
def clerk(portal: Portal) -> str:
    """A clerk of the AMA desk whom no other test knows; the username."""
    settings = {"SEHAT_DEMO": "1", "DATA": str(portal.data), "DJANGO_SETTINGS_MODULE": "sehat.config.settings"}
    subprocess.run(
        [sys.executable, "-m", "sehat", "staff", "add", "judith", "--role", "ama", "--password-stdin"],
        cwd=ROOT,
        env=os.environ | settings,
        input=PASSWORD + "\n",
        text=True,
        check=True,
    )
    return "judith"


@pytest.fixture
def windows(browser: Browser, portal: Portal) -> Iterator[list[BrowserContext]]:
    """Two browsers of the same person."""
    two = [browser.new_context(base_url=portal.address) for _ in range(2)]
    for one in two:
        one.set_default_timeout(WAIT)
    yield two
    for one in two:
        one.close()


def _give_password(page: Page, username: str) -> None:
    page.goto("/staff/login/")
    page.get_by_label("Username", exact=True).fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Login", exact=True).click()


def test_the_code_is_set_up_and_asked(windows: list[BrowserContext], clerk: str) -> None:
    page, elsewhere = windows[0].new_page(), windows[1].new_page()
    for one in (elsewhere, page):
        _give_password(one, clerk)
        one.wait_for_url("**/office/ama/")

    page.get_by_role("link", name="My account").click()
    page.get_by_role("link", name="Set up the code").click()
    expect(page.get_by_role("img", name="QR code with your key")).to_be_visible()
    page.get_by_text("It cannot be scanned? Type the key").press("Enter")
    key = page.locator("#key").inner_text()
    picture = Image.open(BytesIO(page.get_by_role("img", name="QR code with your key").screenshot()))
    (read,) = zxingcpp.read_barcodes(picture)
    assert f"secret={key.replace(' ', '')}&" in read.text
    app = App(base64.b32decode(key.replace(" ", "")))
    page.get_by_label("Code", exact=True).fill(app.wrong())
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("This code does not count")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Code", exact=True).fill(app.code())
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    paper = page.locator("ol .code").all_inner_texts()
    assert len(paper) == 10
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.get_by_role("link", name="I have kept them: go on").click()
    expect(page.get_by_text("10 recovery codes are left")).to_be_visible()

    elsewhere.reload()  # signed in by password alone, before
    elsewhere.wait_for_url("**/staff/login/**")

    page.get_by_role("button", name="Logout").click()
    _give_password(page, clerk)
    page.wait_for_url("**/staff/login/code/")
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    page.goto("/office/ama/")
    page.wait_for_url("**/staff/login/?next=/office/ama/")  # half a login opens nothing
    _give_password(page, clerk)
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    page.keyboard.type(app.code(later=1))  # the code of now was taken at the set-up
    page.keyboard.press("Enter")
    page.wait_for_url("**/office/ama/")

    _give_password(elsewhere, clerk)
    elsewhere.get_by_label("Code", exact=True).fill(paper[0])
    elsewhere.get_by_role("button", name="Login", exact=True).click()
    elsewhere.wait_for_url("**/office/ama/")
    elsewhere.get_by_role("link", name="My account").click()
    expect(elsewhere.get_by_text("9 recovery codes are left")).to_be_visible()
