"""Whole processes die in the middle of their work: nobody loses anything, and the next process goes on."""

import pytest

from tests.faults.conftest import NewHouse
from tests.faults.gateway import Gateway
from tests.faults.house import crowd, until

pytestmark = pytest.mark.own_servers

PEOPLE = 60
NOTICES = 6


@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_a_web_process_dies_while_many_take_tokens(new_house: NewHouse, database: str) -> None:
    """Who was told of a token has it; nobody has two; numbers have neither gaps nor doubles."""
    house = new_house(database)
    people = house.look("people", str(PEOPLE))
    web = house.serve()
    with crowd(people, lambda session: web.take_token(session)) as served:
        until(lambda: len(served) > PEOPLE // 4)
        web.end()
        told = set(served)
        assert told <= set(house.look("holders"))
        assert house.look("broken") == []
        web = house.serve()
    assert sorted(house.look("holders")) == sorted(people)
    assert house.look("broken") == []


@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_a_worker_dies_while_it_sends(new_house: NewHouse, database: str) -> None:
    """What the dead worker had in hand is sent again after its lease; every notice arrives and is marked."""
    house = new_house(database)
    house.look("tell", str(NOTICES))
    with Gateway(seconds=0.7) as gateway:
        worker = house.start("worker", SMS_URL=gateway.url)
        until(lambda: len(gateway.taken) >= 2)
        worker.kill()
        worker.wait()
        states = [notice["state"] for notice in house.look("outbox")]
        assert sorted(states) == ["pending"] * (NOTICES - 2) + ["sending", "sent"]
        house.look("a_minute_passes")
        house.start("worker", SMS_URL=gateway.url)
        until(lambda: len(gateway.taken) > NOTICES)
        until(lambda: all(notice["state"] == "sent" for notice in house.look("outbox")))
        outbox = house.look("outbox")
        assert {notice["text"] for notice in outbox} == set(gateway.taken)
        assert len(gateway.taken) == NOTICES + 1, "only the one in hand was sent twice"
        assert sorted(notice["tries"] for notice in outbox) == [1] * (NOTICES - 1) + [2]
