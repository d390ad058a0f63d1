"""`sehat import formulary`: tried first, whole or not at all."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from sehat import cli
from sehat.cli import lists
from sehat.prescription import formulary as room
from sehat.prescription.formulary import COLUMNS, TABLE, formulary

HEAD = ",".join(COLUMNS)
WATER = "Water,syrup,1 mg/5 ml,oral,O,x,,,,,,,AFMS list,Aqua"


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[Path]:
    """Where the imported table will lie."""
    place = tmp_path / "in-use.csv"
    room.look_for(place)
    yield place
    room.look_for(settings.DATA / TABLE.name)


def _file(tmp_path: Path, *rows: str) -> str:
    path = tmp_path / "ours.csv"
    path.write_text("\n".join((HEAD, *rows)), encoding="utf-8")
    return str(path)


def test_a_dry_run_changes_nothing_and_an_import_takes_the_place_of_the_starter(
    imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lists, "load_django", lambda: None)
    file = _file(tmp_path, WATER)
    assert cli.main(["import", "formulary", file, "--dry-run"]) == 0
    assert "new 1, changed 0, unchanged 0" in capsys.readouterr().out
    assert not imported.exists()
    assert cli.main(["import", "formulary", file]) == 0
    formulary.cache_clear()
    assert [medicine.generic for medicine in formulary().lines] == ["Water"]


def test_every_bad_row_is_named_and_nothing_is_changed(
    imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lists, "load_django", lambda: None)
    bad = WATER.replace(",O,", ",C,")
    assert cli.main(["import", "formulary", _file(tmp_path, bad, WATER, bad)]) == 1
    told = capsys.readouterr().err
    assert "formulary row 1 (Water syrup 1 mg/5 ml)" in told
    assert "formulary row 3" in told
    assert "formulary row 2" not in told
    assert cli.main(["import", "formulary", str(tmp_path / "nowhere.csv")]) == 1
    assert not imported.exists()


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("max_per_week", "one tablet", "'one tablet' is no amount such as 4000 mg"),
        ("max_days", "five", "'five' is no number of days such as 5"),
        ("child_dose", "15 mg", "'15 mg' is no child's dose such as 15 mg/kg; 60 mg/kg a day"),
        ("elderly", "often", "elderly: 'often' is none of: empty, caution, never"),
        ("elderly_why", "age", "elderly_why: 'age' is none of: empty, confusion, drowsiness, "),
        ("elderly_why", "sugar", "elderly_why is said, but elderly is empty"),
    ],
)
def test_what_a_table_may_lack_is_read_strictly_where_it_stands(column: str, value: str, fault: str) -> None:
    head, row = f"{HEAD},{column}", f"{WATER},"
    assert room.read([head, row]) == room.read([HEAD, WATER])
    assert room.read([head, row])[0].max_days == 0
    with pytest.raises(room.BadFormulary, match=re.escape(fault)):
        room.read([head, row + value])


def test_a_dry_run_names_row_and_column_of_a_caution_that_is_none(
    imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lists, "load_django", lambda: None)
    path = tmp_path / "ours.csv"
    good, bad = f"{WATER},caution,dose", WATER.replace("1 mg", "2 mg") + ",sometimes,dose"
    path.write_text("\n".join((f"{HEAD},elderly,elderly_why", good, bad)), encoding="utf-8")
    assert cli.main(["import", "formulary", str(path), "--dry-run"]) == 1
    told = capsys.readouterr().err
    assert "formulary row 2 (Water syrup 2 mg/5 ml): elderly: 'sometimes' is none of: empty, caution, never" in told
    assert "row 1" not in told


def test_the_starter_passes_its_own_check(imported: Path) -> None:
    assert room.bring_in(TABLE, dry_run=True) == f"new 0, changed 0, unchanged {535}, gone 0; nothing was changed"
