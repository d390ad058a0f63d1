"""PostgreSQL goes away under load and comes back: calm pages meanwhile, nothing lost, on by itself afterwards."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest

from tests.faults.house import House, Web, crowd, until
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
        assert page.status in {HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE}
        assert "Please try again in a minute" in page.body
        assert "Traceback" not in page.body
        assert web.alive("/healthz")
        assert not web.alive("/readyz")
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
