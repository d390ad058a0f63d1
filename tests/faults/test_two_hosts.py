"""Two hosts, one cut off from the database in the middle: the other goes on, and both agree after the healing."""

import http.client
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest

from tests.faults.hosts import Host, hosts
from tests.faults.house import Answer, House, Web, crowd, until
from tests.servers import Cluster, cluster, free_port

pytestmark = pytest.mark.own_servers

PEOPLE = 40


class Side(Web):
    """A web process that is reached from its own host only."""

    def __init__(self, house: House, host: Host) -> None:
        self.host, port = host, free_port()
        super().__init__(house.start("serve", "--port", str(port), before=host.inside), port)
        until(self.alive)

    def ask(self, path: str, **more: Any) -> Answer:
        """One request, from that host."""
        return self.host.do(lambda: super(Side, self).ask(path, **more))


@pytest.fixture
def three() -> Iterator[list[Host]]:
    """The database's host and two of the portal."""
    with hosts("database", "one", "two") as found:
        yield found


def test_one_of_two_hosts_is_cut_off(built: House, three: list[Host]) -> None:
    database, one, two = three
    server: Cluster
    with cluster(host=database.address, inside=database.inside) as server:
        house = House(built.data, server.url("postgres"), inside=database.inside)
        try:
            house.run("sehat", "migrate")
            house.look("seed")
            people = house.look("people", str(PEOPLE))
            _one_is_cut_off(house, one, two, people)
        finally:
            house.close()


def _one_is_cut_off(house: House, one: Host, two: Host, people: list[str]) -> None:
    left, right = Side(house, one), Side(house, two)
    half = PEOPLE // 2
    with crowd(people[half:], right.take_token, threads=3) as on_right:
        with crowd(people[:half], left.take_token, threads=3) as on_left:
            until(lambda: len(on_right) > 3 and len(on_left) > 3)
            two.plug(into=False)
            told = set(on_right)
        # Everybody on the left was served while the right was cut off, as leaving the block says.
        assert told <= set(house.look("holders"))
        assert house.look("broken") == []
        try:
            page = right.ask("/waiting/", session=people[-1], timeout=40)
        except (OSError, http.client.HTTPException) as error:
            raise AssertionError("the host that is cut off still answers its own people") from error
        assert page.status in {HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE}
        assert "Please try again in a minute" in page.body
        two.plug(into=True)
    assert sorted(house.look("holders")) == sorted(people)
    assert house.look("broken") == []
