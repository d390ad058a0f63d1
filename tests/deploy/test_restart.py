"""Browsers outlive the process that served them: calls go on without it, pages come back to the next."""

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import portal as house
from tests.consultation.test_call import meeting
from tests.deploy.production import Portal, Production, ended, stop
from tests.deploy.test_serve import until
from tests.journey.people import Doctor
from tests.servers import free_port

pytestmark = pytest.mark.browser


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Production]:
    """A portal without TLS on SQLite, as browsers give camera and cookies to 127.0.0.1 only in demo mode."""
    environment = {"SEHAT_DEMO": "1", "DATA": str(tmp_path / "var"), "SEHAT_BUILD": str(house.BUILD)}
    with ended(Production(tmp_path, environment)) as production:
        done = production.run("migrate")
        assert done.returncode == 0, done.stderr
        yield production


def for_browsers(portal: Portal, own: Production) -> house.Portal:
    """The same portal, as the tests with browsers name it."""
    return house.Portal(portal.address, Path(own.environment["DATA"]), portal.log)


def test_pictures_go_on_while_the_process_is_away_and_pages_come_back(own: Production, browser: Browser) -> None:
    port = free_port()
    first = own.serve_on(port)
    with meeting(for_browsers(first, own), browser) as meet:
        call = meet()
        sides = (call.patient, call.doctor)
        for side in sides:
            side.sees()
        assert stop(first.process) == 0
        for side in sides:
            side.sees()
        own.serve_on(port)
        for text, here, there in (
            ("Still there?", call.patient, call.doctor),
            ("Yes, I am.", call.doctor, call.patient),
        ):
            here.page.get_by_label("Message", exact=True).fill(text)
            here.page.get_by_role("button", name="Send").click()
            expect(there.page.get_by_role("log")).to_contain_text(text, timeout=20_000)
        for side in sides:
            side.sees()
            assert side.page.evaluate("window.lines.length") == 1  # the very same line as before


def sockets_open(portal: Portal) -> float:
    """As `/metrics` tells it to the host itself."""
    with urllib.request.urlopen(f"{portal.address}/metrics", timeout=20) as answer:
        found = re.search(rb"^sehat_sockets (\S+)$", answer.read(), re.MULTILINE)
    assert found
    return float(found[1])


def test_a_page_that_only_hears_comes_back_as_well(own: Production, browser: Browser) -> None:
    """The desk; the waiting page has the same `live.js`."""
    port = free_port()
    done = own.run("demo")
    assert done.returncode == 0, done.stderr
    first = own.serve_on(port)
    dr_rao = Doctor(browser, for_browsers(first, own))
    dr_rao.goes_to_the_desk()
    until(lambda: sockets_open(first) == 1)
    assert stop(first.process) == 0
    second = own.serve_on(port)
    assert sockets_open(second) == 0
    until(lambda: sockets_open(second) == 1, 40)
    dr_rao.context.close()
