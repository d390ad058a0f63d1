"""URL × person × status, for every address of the resolver.

The scene: Asha is in consultation with Dr Rao; Meera waits; Mohan was seen by Dr Rao before. Each cell is asked once
as the person would, with an empty form where the address takes one, and rolled back. 302 of a page: please log in
(or: go where your next step is). 404: not there for you, as if it did not exist.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.permissions.conftest import Scene

pytestmark = pytest.mark.django_db

TABLE = (Path(__file__).parent / "table.txt").read_text()
# The office is Django's admin and has a table of its own.
ELSEWHERE = re.compile(r"^admin:")


@dataclass(frozen=True)
class Row:
    """One address, how it is asked, and the status for each person in the order of the table's head."""

    method: str
    address: str
    statuses: tuple[str, ...]

    @property
    def name(self) -> str:
        """The URL's name."""
        return self.address.partition("?")[0]

    def path(self, scene: Scene) -> str:
        """Where to ask; a value that names something of the scene becomes its reference."""
        pairs = re.findall(r"(\w+)=([\w/-]+)", self.address)
        return reverse(self.name, kwargs={key: self._known(value, scene) for key, value in pairs})

    def _known(self, value: str, scene: Scene) -> str:
        return "/".join(scene.refs.get(part, part) for part in value.split("/"))

    def __str__(self) -> str:
        return f"{self.method:5}{self.address:56}" + "".join(f"{status:>11}" for status in self.statuses)


def _rows() -> tuple[list[str], list[Row]]:
    lines = [line.split() for line in TABLE.splitlines() if line.strip() and not line.startswith("#")]
    return lines[0][2:], [Row(method, address, tuple(rest)) for method, address, *rest in lines[1:]]


PEOPLE, ROWS = _rows()


def _names(resolver: URLResolver, spaces: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _names(entry, f"{spaces}{entry.namespace}:" if entry.namespace else spaces)
        elif isinstance(entry, URLPattern):
            yield f"{spaces}{entry.name}"


def test_every_address_stands_in_the_table() -> None:
    assert {name for name in _names(get_resolver()) if not ELSEWHERE.match(name)} == {row.name for row in ROWS}


def _ask(scene: Scene, name: str, row: Row) -> str:
    with transaction.atomic():
        client = scene.client(name)
        answer = getattr(client, row.method.lower())(row.path(scene))
        _read(answer)
        transaction.set_rollback(True)
    return str(answer.status_code)


def _read(answer: HttpResponseBase) -> None:
    """A file is read to its end, so that it is closed."""
    if answer.streaming:
        b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_who_may_what(scene: Scene) -> None:
    assert list(scene.people) == PEOPLE
    answers = [Row(row.method, row.address, tuple(_ask(scene, name, row) for name in PEOPLE)) for row in ROWS]
    assert "\n".join(map(str, answers)) == "\n".join(map(str, ROWS))


def test_no_change_comes_by_get(scene: Scene) -> None:
    """A link in a mail, a preview or a prefetch must not cancel a token."""
    before = scene.everything()
    for row in ROWS:
        for name in PEOPLE:
            _read(scene.client(name).get(row.path(scene)))
        assert scene.everything() == before, row.address
