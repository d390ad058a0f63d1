"""Houses to be shaken: their databases and files are prepared once and copied."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.house import House
from tests.servers import Cluster, cluster

NewHouse = Callable[[str], House]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A prepared SQLite database and the static files; not to be run on, but copied."""
    data = tmp_path_factory.mktemp("faults")
    house = House(data, f"sqlite:///{data}/template.sqlite3")
    house.run("sehat", "migrate")
    house.look("seed")
    house.close()
    return house


@pytest.fixture(scope="session")
def own_cluster(built: House) -> Iterator[Cluster]:
    """A PostgreSQL of our own with a prepared database named `template`."""
    with cluster(keeps=True) as server:
        house = House(built.data, server.clone("template", "template1"))
        house.run("sehat", "migrate")
        house.look("seed")
        house.close()
        yield server


@pytest.fixture
def new_house(built: House, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewHouse]:
    """Make a house on `sqlite` or `postgresql`; whatever it runs ends with the test."""
    houses: list[House] = []

    def make(kind: str) -> House:
        if kind == "postgresql":
            server: Cluster = request.getfixturevalue("own_cluster")
            database = server.clone(f"house_{abs(hash(request.node.name))}", "template")
        else:
            shutil.copy(built.data / "template.sqlite3", tmp_path / "house.sqlite3")
            database = f"sqlite:///{tmp_path}/house.sqlite3"
        house = House(built.data, database)
        houses.append(house)
        return house

    yield make
    for house in houses:
        house.close()
