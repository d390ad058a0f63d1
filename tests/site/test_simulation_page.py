"""The button of the demo's page, in a real browser and a portal of its own: robots would fill others' waiting rooms."""

import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import portal as portals

pytestmark = [pytest.mark.browser, pytest.mark.own_servers]

SOME_WAIT = re.compile(r"[2-9] sample patients wait")
SOME_WORK = re.compile(r"[23] sample doctors work")
OPEN = """
    SELECT (SELECT count(*) FROM tokens_token WHERE state NOT IN ('completed', 'cancelled', 'expired'))
         + (SELECT count(*) FROM waiting_call WHERE state IN ('summoned', 'ringing'))
         + (SELECT count(*) FROM consultation_consultation WHERE ended_at IS NULL)
         + (SELECT count(*) FROM clinic_doctor WHERE state != 'offline')
"""


def _open(data: Path) -> int:
    (file,) = data.glob("*.sqlite3")
    connection = sqlite3.connect(file)
    try:
        return int(connection.execute(OPEN).fetchone()[0])
    finally:
        connection.close()


def test_fill_the_waiting_room_stop_and_ctrl_c(tmp_path: Path, browser: Browser) -> None:
    running, process = portals.start(tmp_path / "var")
    try:
        page = browser.new_page(locale="en-IN", base_url=running.address)
        page.goto("/demo/")
        room = page.locator("#waiting-room")
        expect(room).to_contain_text("No sample people are at work.")
        page.get_by_role("button", name="Fill the waiting room").click()
        # The part of the page renews itself until they are seen.
        expect(room).to_contain_text(SOME_WAIT, timeout=40_000)
        expect(room).to_contain_text(SOME_WORK, timeout=40_000)
        assert running.get_json("/demo/outbox.json") == []
        assert _open(running.data) > 0
        page.get_by_role("button", name="Stop").click()
        expect(room).to_contain_text("No sample people are at work.")
        assert _open(running.data) == 0

        page.get_by_role("button", name="Fill the waiting room").click()
        expect(room).to_contain_text(SOME_WAIT, timeout=40_000)
    finally:
        portals.end(process)
    assert _open(running.data) == 0
    assert "Traceback" not in running.log.read_text()
