"""For everybody: axe finds nothing, nothing runs out of the screen, pages are light (interface.md, "How it looks")."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.consultation import scene
from tests.journey.people import WAIT, Patient
from tests.portal import Portal

pytestmark = pytest.mark.browser

PUBLIC = (
    "/",
    "/faq/",
    "/doctors/",
    "/contact/",
    "/contact/sent/",
    "/privacy/",
    "/accessibility/",
    "/register/",
    "/login/",
    "/login/otp/",
    "/login/forgot/",
    "/token/cancel/",
    "/check/",
    "/verify/",
    "/staff/login/",
    "/demo/",
    "/demo/outbox/",
    "/there-is-no-such-page/",
)
ACCOUNT = ("/staff/account/", "/staff/account/password/", "/staff/account/code/")
WIDTHS = {"en": 360, "hi": 1280}
LIMIT = 100 * 1024
CALL_LIMIT = 150 * 1024


@pytest.fixture(params=["en", "hi"])
def language(request: pytest.FixtureRequest) -> str:
    """Each page is looked at in both."""
    return str(request.param)


@pytest.fixture
def context(browser: Browser, portal: Portal, language: str) -> Iterator[BrowserContext]:
    """A fresh browser that reads this language; narrow in one, wide in the other."""
    fresh = browser.new_context(
        base_url=portal.address,
        viewport={"width": WIDTHS[language], "height": 800},
        permissions=["camera", "microphone"],
        reduced_motion="reduce",
    )
    fresh.set_default_timeout(WAIT)
    fresh.add_cookies([{"name": "django_language", "value": language, "url": portal.address}])
    yield fresh
    fresh.close()


def _look(page: Page, language: str) -> None:
    """Nothing for axe to find, nothing to scroll sideways for, at any width."""
    assert page.get_attribute("html", "lang") == language
    found = Axe().run(page).response["violations"]
    faults = [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]
    assert not faults, (page.url, faults)
    size = page.viewport_size
    assert size
    for width in (360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)
    page.set_viewport_size(size)


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages(context: BrowserContext, language: str, path: str) -> None:
    page = context.new_page()
    page.goto(path)
    _look(page, language)


@pytest.fixture(scope="module")
def session(browser: Browser, portal: Portal) -> str:
    """The session of the demo's patient who was seen before: logged in once, as an OTP is not sent twice in 30 s."""
    patient = Patient(browser, portal, "9876543220")
    patient.page.goto("/login/otp/")
    patient.proves_the_mobile()
    patient.page.wait_for_url("**/history/")
    key = next(c["value"] for c in patient.context.cookies() if c["name"] == "sessionid")
    patient.close()
    return key


def test_pages_of_a_patient_who_was_seen(portal: Portal, context: BrowserContext, session: str, language: str) -> None:
    context.add_cookies([{"name": "sessionid", "value": session, "url": portal.address}])
    page = context.new_page()
    for path in ("/history/", "/waiting/", "/register/details/"):
        page.goto(path)
        _look(page, language)
    page.goto("/history/")
    page.locator("a[href*='/rx/']").first.click()
    _look(page, language)


def test_pages_of_a_consultation(portal: Portal, context: BrowserContext, language: str) -> None:
    (met,) = scene.play(portal.data, "meet", "1")
    for who, path in (("patient", ""), ("doctor", "doctor/")):
        context.add_cookies([{"name": "sessionid", "value": met[who], "url": portal.address}])
        page = context.new_page()
        page.goto(f"/consultation/{met['ref']}/{path}")
        page.wait_for_load_state("networkidle")
        _look(page, language)
        page.close()


def test_pages_of_the_staff(browser: Browser, portal: Portal, context: BrowserContext, language: str) -> None:
    people = {person["role"]: person for person in portal.get_json("/demo/people.json")["staff"]}
    for role, path, more in (
        ("specialist", "/desk/", ()),
        ("commandant", "/office/board/", ("/office/roster/", "/office/hours/", "/office/hours/G/", "/office/reports/")),
        ("hq", "/office/board/", ("/office/reports/?frm=2020-01-01", "/office/feedback/", "/admin/")),
        ("ama", "/office/ama/", ("/office/register/import/", "/admin/", *ACCOUNT)),
    ):
        page = context.new_page()
        page.goto("/staff/login/")
        page.locator("[name=username]").fill(people[role]["username"])
        page.locator("[name=password]").fill(people[role]["password"])
        page.locator("main button[type=submit]").click()
        page.wait_for_url(f"**{path}")
        _look(page, language)
        for there in more:
            page.goto(there)
            _look(page, language)
        page.close()
        context.clear_cookies(name="sessionid")


def _weigh(context: BrowserContext, path: str) -> int:
    """Bytes over the wire of a first load, fonts included, as a browser counts them."""
    page, taken = context.new_page(), []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda event: taken.append(event["encodedDataLength"]))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert page.url.endswith(path), page.url
    assert taken
    page.close()
    return int(sum(taken))


@pytest.mark.parametrize("path", [path for path in PUBLIC if "demo" not in path])
def test_a_first_load_is_light(context: BrowserContext, path: str) -> None:
    assert _weigh(context, path) <= LIMIT


@pytest.mark.parametrize("path", ["/waiting/", "/history/", "/register/details/"])
def test_a_first_load_of_a_patient_is_light(portal: Portal, context: BrowserContext, session: str, path: str) -> None:
    context.add_cookies([{"name": "sessionid", "value": session, "url": portal.address}])
    assert _weigh(context, path) <= LIMIT


def test_a_first_load_of_a_call_is_light(portal: Portal, context: BrowserContext) -> None:
    (met,) = scene.play(portal.data, "meet", "1")
    context.add_cookies([{"name": "sessionid", "value": met["patient"], "url": portal.address}])
    assert _weigh(context, f"/consultation/{met['ref']}/") <= CALL_LIMIT
