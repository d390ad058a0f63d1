"""One PostgreSQL, one Redis and one set of keys and static files for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.deploy.production import Production, ended


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """Production on PostgreSQL and Redis, migrated."""
    with servers.postgresql() as database, servers.redis() as redis:
        folder = tmp_path_factory.mktemp("production")
        yield Production.prepare(folder, DATABASE_URL=database, REDIS_URL=redis)


@pytest.fixture
def production(prepared: Production, tmp_path: Path) -> Iterator[Production]:
    """The same, with processes of this test's own."""
    with ended(Production(tmp_path, prepared.environment)) as own:
        yield own
