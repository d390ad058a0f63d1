"""PostgreSQL goes away under load and comes back: calm pages meanwhile, nothing lost, on by itself afterwards."""

import signal
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest

from tests.faults.conftest import NewHouse
from tests.faults.house import crowd, until
from tests.servers import Cluster

pytestmark = pytest.mark.own_servers

PEOPLE = 60
AT_ONCE = 8


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
def test_postgresql_restarts_under_load(new_house: NewHouse, own_cluster: Cluster, how: signal.Signals) -> None:
    house = new_house("postgresql")
    people = house.look("people", str(PEOPLE))
    house.close()
    web = house.serve()
    with crowd(people, web.take_token) as served:
        until(lambda: len(served) > PEOPLE // 4)
        own_cluster.stop(how)
        page = web.ask("/waiting/", session=people[0], timeout=40)
        assert page.status in {HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE}
        assert "Please try again in a minute" in page.body
        assert "Traceback" not in page.body
        assert web.alive("/healthz")
        assert not web.alive("/readyz")
        told = set(served)
        own_cluster.start()
    again = new_house("postgresql", fresh=False)
    assert told <= set(again.look("holders"))
    assert sorted(again.look("holders")) == sorted(people)
    assert again.look("broken") == []


def test_nobody_notices_a_restart_between_two_pages(new_house: NewHouse, own_cluster: Cluster) -> None:
    """The pool's connections are all dead and no page is spent on finding out."""
    house = new_house("postgresql")
    people = house.look("people", str(AT_ONCE))
    house.close()
    web = house.serve()
    with ThreadPoolExecutor(AT_ONCE) as readers:
        list(readers.map(lambda session: web.ask("/register/details/", session=session), people))
        own_cluster.stop(signal.SIGINT)
        own_cluster.start()
        pages = list(readers.map(lambda session: web.ask("/register/details/", session=session), people))
    assert [page.status for page in pages] == [HTTPStatus.OK] * AT_ONCE
