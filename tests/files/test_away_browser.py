"""The store goes while a doctor writes: the page says so, what was written stays, and is issued once it is back.

The store is moto's server, a stand-in that speaks S3; it is really stopped and started.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests import servers
from tests.files.conftest import KEYS, NAME, make_bucket
from tests.journey.people import Doctor, Patient
from tests.portal import Portal, end, start

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SUNIL = {"name": "Sunil Yadav", "category": "Serving", "service_number": "15483027X"}
SENTENCE = "We cannot keep or open files at the moment."


class Store:
    """A store that comes and goes on one port."""

    def __init__(self) -> None:
        self.port = servers.free_port()
        self.running = ExitStack()

    def comes(self) -> None:
        """Empty, with the bucket."""
        make_bucket(self.running.enter_context(servers.s3(self.port)))

    def goes(self) -> None:
        """Nobody listens any more."""
        self.running.close()


@pytest.fixture
def store_of_files() -> Iterator[Store]:
    store = Store()
    store.comes()
    yield store
    store.goes()


@pytest.fixture
def house(store_of_files: Store, tmp_path: Path) -> Iterator[Portal]:
    """A portal of its own that keeps its files there."""
    files = f"s3://{NAME}/opd?endpoint=http://127.0.0.1:{store_of_files.port}&region=us-east-1"
    running, process = start(tmp_path / "var", None, SEHAT_FILES=files, **KEYS)
    try:
        yield running
    finally:
        end(process)
    assert "Traceback" not in running.log.read_text()


def test_a_store_that_goes_and_comes_back(
    house: Portal, store_of_files: Store, browser: Browser, tmp_path: Path
) -> None:
    record = tmp_path / "report.png"
    Image.effect_noise((640, 480), 60).save(record)
    sunil, dr_rao = Patient(browser, house, "9876543212"), Doctor(browser, house)
    sunil.logs_in(sunil.registers(**SUNIL, record=record))
    link = sunil.page.get_by_role("link", name="report.png")
    opened = sunil.context.request.get(link.get_attribute("href") or "")
    assert (opened.status, opened.headers["content-type"]) == (200, "image/png")

    store_of_files.goes()
    sunil.page.get_by_label("Choose File").set_input_files(record)
    sunil.page.get_by_role("button", name="Upload").click()
    expect(sunil.page.get_by_text(SENTENCE)).to_be_visible()

    dr_rao.goes_to_the_desk()
    dr_rao.is_available()
    sunil.presses_call_now()
    dr_rao.answers()
    dr_rao.writes_the_prescription()
    dr_rao.page.get_by_role("button", name="Issue prescription").click()
    expect(dr_rao.page.get_by_text(SENTENCE)).to_be_visible()
    expect(dr_rao.page.get_by_label("Advice")).to_have_value("Warm fluids, rest")
    expect(dr_rao.page.get_by_label("Findings")).to_have_value("Throat red, chest clear")

    store_of_files.comes()
    dr_rao.issues_it()
    for window in (sunil, dr_rao):
        noted, window.errors = window.errors, []
        assert noted
        assert all("503" in line for line in noted)  # a browser reports each answer that says so
        window.close()
