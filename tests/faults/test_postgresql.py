"""PostgreSQL goes away under load and comes back: calm pages meanwhile, nothing lost, on by itself afterwards."""

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest
from playwright.sync_api import Browser, expect

from tests.faults.house import FORM, PATIENCE, House, Web, crowd, until
from tests.servers import Cluster

pytestmark = pytest.mark.own_servers

PEOPLE = 60
AT_ONCE = 8


@pytest.fixture(scope="module")
def house(built: House, own_cluster: Cluster) -> Iterator[House]:
    """One house that stands through all of it."""
    house = House(built.data, own_cluster.clone("shaken", "template"))
    yield house
    house.close()


@pytest.fixture(scope="module")
def web(house: House) -> Web:
    """Its web process, which nobody starts again."""
    return house.serve()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_postgresql_restarts_under_load(house: House, web: Web, own_cluster: Cluster, how: signal.Signals) -> None:
    people = house.look("people", str(PEOPLE))
    with crowd(people, web.take_token) as served:
        until(lambda: len(served) > PEOPLE // 4)
        own_cluster.stop(how)
        page = web.ask("/waiting/", session=people[0])
        assert "Please try again in a minute" in page.body
        form = web.ask("/register/details/", session=people[0], form=FORM)
        assert "Send again" in form.body
        assert 'name="complaint" value="Fever"' in form.body
        app = web.ask("/api/v1/token", session=people[0])
        assert json.loads(app.body)["error"] == "DatabaseAway"
        ready = web.ask("/readyz")
        assert json.loads(ready.body)["database"] is False
        for answer in (page, form, app, ready):
            assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
            assert int(answer.headers["retry-after"]) > 0
            assert "Traceback" not in answer.body
        assert web.alive("/healthz")
        told = set(served)
        own_cluster.start()
        assert told <= set(house.look("holders"))
    assert set(people) <= set(house.look("holders"))
    assert house.look("broken") == []


def test_nobody_notices_a_restart_between_two_pages(house: House, web: Web, own_cluster: Cluster) -> None:
    """The pool's connections are all dead and no page is spent on finding out."""
    people = house.look("people", str(AT_ONCE))
    with ThreadPoolExecutor(AT_ONCE) as readers:
        list(readers.map(lambda session: web.ask("/register/details/", session=session), people))
        own_cluster.stop()
        own_cluster.start()
        pages = list(readers.map(lambda session: web.ask("/register/details/", session=session), people))
    assert [page.status for page in pages] == [HTTPStatus.OK] * AT_ONCE


WORDS = {
    "en": ("Go to Waiting Room", "could not be saved", "One moment, please", "Send OTP", "Send again"),
    "hi": ("प्रतीक्षा कक्ष में जाएँ", "सुरक्षित नहीं हो सकी", "कृपया थोड़ी देर रुकिए", "ओटीपी भेजें", "फिर से भेजें"),
}


@pytest.mark.browser
@pytest.mark.parametrize("language", WORDS)
def test_what_a_patient_sees(house: House, web: Web, own_cluster: Cluster, browser: Browser, language: str) -> None:
    """A button says it beside, a page comes by itself, a form is sent again from the page that says so."""
    to_the_room, not_saved, one_moment, send, again = WORDS[language]
    (session,) = house.look("people", "1")
    assert web.take_token(session)
    address = f"http://127.0.0.1:{web.port}"
    with browser.new_context(base_url=address, viewport={"width": 360, "height": 740}) as window:
        cookies = {"sessionid": session, "django_language": language}
        window.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
        page, form = window.new_page(), window.new_page()
        page.goto("/register/done/")
        form.goto("/register/")
        form.locator("main input[type=tel]").fill("9876500999")
        own_cluster.stop()
        page.get_by_role("button", name=to_the_room).or_(page.get_by_role("link", name=to_the_room)).click()
        expect(page.locator("#line")).to_contain_text(not_saved, timeout=PATIENCE * 1000)
        form.get_by_role("button", name=send).click()
        expect(form.get_by_role("alert")).to_contain_text(not_saved, timeout=PATIENCE * 1000)
        answer = page.goto("/waiting/")
        assert answer is not None
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        expect(page.get_by_role("heading", name=one_moment)).to_be_visible()
        own_cluster.start()
        expect(page.get_by_role("heading", name=one_moment)).to_be_hidden(timeout=PATIENCE * 1000)
        form.get_by_role("button", name=again).click()
        expect(form.locator("input[autocomplete=one-time-code]")).to_be_visible()
