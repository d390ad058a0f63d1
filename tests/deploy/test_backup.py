"""`sehat backup` and `sehat restore`: a portal goes into one file and comes out of it whole, on both databases."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.production import FOREIGN
from tests.portal import BUILD, ROOT
from tests.servers import cluster

pytestmark = pytest.mark.own_servers

Place = dict[str, str]


def _place(folder: Path, url: str | None) -> Place:
    """The environment of a portal of its own."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
    database = {"DATABASE_URL": url} if url else {}
    return clean | {"SEHAT_DEMO": "1", "DATA": str(folder), "SEHAT_BUILD": str(BUILD), "NO_COLOR": "1"} | database


def _sehat(place: Place, *words: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sehat", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, env=place, capture_output=True, text=True, check=False)


def _rows(place: Place) -> str:
    """What is written of patients, tokens, prescriptions and deeds."""
    command = [sys.executable, "manage.py", "dumpdata", "registration", "tokens", "prescription", "audit", "accounts"]
    return subprocess.run(command, cwd=ROOT, env=place, capture_output=True, text=True, check=True).stdout


def _files(place: Place) -> dict[str, bytes]:
    folder = Path(place["DATA"], "files")
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Place, Place]]:
    """A portal with a past, and an empty one of the same kind."""
    if request.param == "sqlite":
        yield _place(tmp_path / "old", None), _place(tmp_path / "new", None)
        return
    with cluster() as server:
        urls = [server.clone(name, "template1") for name in ("old", "new")]
        yield _place(tmp_path / "old", urls[0]), _place(tmp_path / "new", urls[1])


def test_a_portal_goes_into_one_file_and_comes_out_whole(places: tuple[Place, Place], tmp_path: Path) -> None:
    old, new = places
    for words in (("migrate",), ("demo",)):
        assert _sehat(old, *words).returncode == 0
    target = tmp_path / "monday.tar"
    done = _sehat(old, "backup", target)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{len(_files(old))} files" in done.stdout
    assert target.stat().st_mode & 0o777 == 0o600
    again = _sehat(old, "backup", target)
    assert (again.returncode, again.stderr) == (1, f"{target} is there already: choose another name.\n")

    done = _sehat(new, "restore", target)
    assert (done.returncode, done.stderr) == (0, "")
    assert _sehat(new, "migrate").returncode == 0
    assert _files(new) == _files(old) != {}
    assert _rows(new) == _rows(old)
    twice = _sehat(new, "restore", target)
    assert (twice.returncode, twice.stderr) == (
        1,
        "The database is not empty: restore into a fresh one, before `sehat migrate`.\n",
    )


def test_a_damaged_backup_changes_nothing(tmp_path: Path) -> None:
    old, new = _place(tmp_path / "old", None), _place(tmp_path / "new", None)
    assert _sehat(old, "migrate").returncode == 0
    Path(old["DATA"], "files").mkdir(exist_ok=True)
    Path(old["DATA"], "files", "a-file").write_bytes(b"x" * 2000)
    good = tmp_path / "good.tar"
    assert _sehat(old, "backup", good).returncode == 0
    whole = good.read_bytes()
    cases = {
        "cut off": (whole[: len(whole) // 2], "is not a whole backup"),
        "one bit": (whole[:100_000] + bytes([whole[100_000] ^ 1]) + whole[100_001:], "is damaged"),
        "no backup": (b"Dear Sir, find enclosed", "is not a whole backup"),
        "of another kind": (whole.replace(b'"database": "sqlite"', b'"database": "oracle"'), "set DATABASE_URL"),
        "of the future": (whole.replace(b'"format": 1', b'"format": 9'), "of format 9"),
        "without a file": (whole.replace(b"files/a-file", b"filed/a-file"), "is not a whole backup"),
    }
    for what, (bytes_, sentence) in cases.items():
        bad = tmp_path / "bad.tar"
        bad.write_bytes(bytes_)
        done = _sehat(new, "restore", bad)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), (what, done.stderr)
        assert sentence in done.stderr, (what, done.stderr)
        assert _files(new) == {}, what
    assert _sehat(new, "restore", tmp_path / "nowhere.tar").returncode == 1
    assert _sehat(new, "restore", good).returncode == 0
