"""A call goes from browser to browser: the process that introduced them may stop and come back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import portal as house
from tests.consultation.test_call import meeting
from tests.deploy.production import Production, ended, stop
from tests.servers import free_port

pytestmark = pytest.mark.browser


@pytest.fixture
def own(prepared: Production, tmp_path: Path) -> Iterator[Production]:
    """A portal without TLS on SQLite, as browsers give camera and cookies to 127.0.0.1 only in demo mode."""
    data = tmp_path / "var"
    shutil.copytree(Path(prepared.environment["DATA"]) / "build", data / "build")
    with ended(Production(tmp_path, {"SEHAT_DEMO": "1", "DATA": str(data)})) as production:
        done = production.run("migrate")
        assert done.returncode == 0, done.stderr
        yield production


def test_pictures_go_on_while_the_process_is_away_and_pages_come_back(own: Production, browser: Browser) -> None:
    port = free_port()
    first = own.serve_on(port)
    seen_by_browsers = house.Portal(first.address, Path(own.environment["DATA"]), first.log)
    with meeting(seen_by_browsers, browser) as meet:
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
