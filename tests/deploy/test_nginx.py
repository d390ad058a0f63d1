"""Two portals behind the real nginx over TLS: pages, files, uploads, sockets, limits, an update under way."""

import re
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.deploy.production import Portal, Production, ended, stop
from tests.deploy.proxy import Proxy, nginx
from tests.deploy.talk import Person, hear, say
from tests.tokens.files import pdf

PAUSE_SECONDS = 3
"""Between two processes of an update (docs/deployment.md)."""


@pytest.fixture(scope="module")
def house(prepared: Production, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Proxy, list[Portal]]]:
    """Two portals and nginx."""
    folder = tmp_path_factory.mktemp("house")
    with ended(Production(folder, prepared.environment)) as production:
        portals = [production.serve(), production.serve()]
        with nginx(folder / "nginx", prepared.folder / "keys", portals) as proxy:
            yield proxy, portals


@pytest.fixture
def tls(prepared: Production) -> ssl.SSLContext:
    """A browser that trusts the certificate of the test."""
    return ssl.create_default_context(cafile=str(prepared.folder / "keys" / "tls.crt"))


@pytest.fixture
def web(house: tuple[Proxy, list[Portal]], tls: ssl.SSLContext) -> Iterator[httpx2.Client]:
    """Somebody who is not signed in."""
    with httpx2.Client(base_url=house[0].address, verify=tls, http2=False, timeout=20) as client:
        yield client


def test_a_page_comes_with_every_header(web: httpx2.Client) -> None:
    page = web.get("/")
    assert page.status_code == 200
    assert "Patient Registration" in page.text
    for header in ("Strict-Transport-Security", "X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy"):
        assert len(page.headers.get_list(header)) == 1, header
    assert "camera=()" in page.headers["Permissions-Policy"]
    assert "camera=(self)" in web.get("/verify/").headers["Permissions-Policy"]
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert re.fullmatch(r"[0-9a-f]{32}", page.headers["X-Request-ID"])
    assert "Secure" in web.get("/register/").headers["Set-Cookie"]


def test_without_tls_one_is_led_to_tls(house: tuple[Proxy, list[Portal]]) -> None:
    answer = httpx2.get(f"http://localhost:{house[0].plain_port}/faq/?a=1", timeout=20)
    assert (answer.status_code, answer.headers["Location"]) == (308, "https://localhost/faq/?a=1")


def test_a_static_file_may_be_kept_for_ever_and_travels_small(web: httpx2.Client) -> None:
    found = re.search(r'href="(/static/kernel/portal\.[0-9a-f]+\.css)"', web.get("/").text)
    assert found
    small = web.get(found[1], headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
    assert (small.status_code, small.headers["Content-Encoding"]) == (200, "br")
    assert "immutable" in small.headers["Cache-Control"]
    plain = web.get(found[1], headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert len(plain.content) > int(small.headers["Content-Length"])


def test_upload_and_socket_whichever_process_takes_them(
    house: tuple[Proxy, list[Portal]], prepared: Production, tls: ssl.SSLContext
) -> None:
    address = house[0].address
    meeting = prepared.meet()
    room = f"/consultation/{meeting['ref']}"
    with (
        Person(address, meeting["patient"], tls=tls) as asha,
        Person(address, meeting["doctor"], tls=tls) as dr_rao,
        asha.socket(f"/live{room}/patient/") as hers,
        dr_rao.socket(f"/live{room}/doctor/") as his,
    ):
        say(hers, kind="here", page="asha")
        assert hear(his, "here")["page"] == "asha"
        for _ in range(4):  # both processes take some
            report = {"file": ("report.pdf", pdf(), "application/pdf")}
            sent = asha.post(f"{room}/patient/upload/", f"{room}/", files=report)
            assert sent.status_code < 400, sent.text
            assert hear(his, "file")
    assert all(any("<slug:ref>" in line.get("route", "") for line in portal.lines()) for portal in house[1])


def test_too_much_at_once_is_refused_at_the_door(web: httpx2.Client) -> None:
    too_big = web.post("/register/", content=b"x" * (18 << 20))
    assert too_big.status_code == 413
    tries = [web.post("/staff/login/", data={"username": "rao"}).status_code for _ in range(40)]
    assert tries[0] == 403  # the portal's own answer: no token against forged requests
    assert 429 in tries
    assert web.get("/staff/login/").status_code == 200  # looking costs nothing


def test_the_figures_are_not_for_the_public(web: httpx2.Client, house: tuple[Proxy, list[Portal]]) -> None:
    assert web.get("/metrics").status_code == 404
    assert web.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404
    assert b"sehat_queue_length" in httpx2.get(f"{house[1][0].address}/metrics", timeout=20).content


def test_an_update_is_not_noticed(
    house: tuple[Proxy, list[Portal]], web: httpx2.Client, prepared: Production, tmp_path: Path
) -> None:
    """The last test of the house: one portal after the other goes and comes back, then both are gone."""
    first, second = house[1]
    stop(first.process)
    assert {web.get("/faq/").status_code for _ in range(10)} == {200}
    with ended(Production(tmp_path, prepared.environment)) as production:
        again = production.serve_on(first.port)
        time.sleep(PAUSE_SECONDS)  # as docs/deployment.md tells: nginx looks anew only after its fail_timeout
        stop(second.process)
        assert {web.get("/faq/").status_code for _ in range(10)} == {200}
        stop(again.process)
    away = web.get("/faq/")
    assert away.status_code == 502
    assert "Your token and your place in the line are safe." in away.text
