"""The portal as an app on a telephone: it can be installed, and says what to do where there is no line."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.journey.people import WAIT
from tests.portal import Portal, start, until
from tests.portal import end as end_portal

pytestmark = pytest.mark.browser

KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
  return found;
}"""


@pytest.fixture
def own_portal(tmp_path: Path) -> Any:
    """A portal that may go away."""
    running, process = start(tmp_path / "var")
    yield running, process
    if process.poll() is None:
        end_portal(process)


def test_without_a_line_a_page_says_what_to_do(
    own_portal: tuple[Portal, subprocess.Popen[bytes]], browser: Browser
) -> None:
    portal, process = own_portal
    context = browser.new_context(base_url=portal.address)
    context.set_default_timeout(WAIT)
    page = context.new_page()
    page.goto("/login/otp/")
    until(page, "async () => (await navigator.serviceWorker.ready).active?.state === 'activated'")
    page.goto("/faq/")
    page.goto("/demo/outbox/")

    kept = page.evaluate(KEPT)
    assert "/offline/" in kept
    assert all(path == "/offline/" or path.startswith("/static/") for path in kept), "no page is kept"

    end_portal(process)
    page.goto("/waiting/")
    expect(page.get_by_role("heading", name="No internet")).to_be_visible()
    expect(page.get_by_role("heading", name="इंटरनेट नहीं है")).to_be_visible()
    expect(page.locator(".button.primary").first).to_have_css("background-color", "rgb(11, 97, 82)")
    assert page.url.endswith("/waiting/"), "Try again asks for the page that did not come"
    context.close()


def test_a_browser_finds_it_installable(portal: Portal, browser: Browser) -> None:
    context = browser.new_context(base_url=portal.address)
    page = context.new_page()
    page.goto("/")
    browser_says = context.new_cdp_session(page).send("Page.getInstallabilityErrors")["installabilityErrors"]
    # Playwright's windows are incognito ones, where no browser installs anything.
    assert [error["errorId"] for error in browser_says if error["errorId"] != "in-incognito"] == []
    icons = page.request.get("/app.webmanifest").json()["icons"]
    for icon in icons:
        assert page.request.get(icon["src"]).ok, icon
    assert "maskable" in {icon.get("purpose") for icon in icons}
    context.close()
