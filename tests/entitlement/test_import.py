"""The register by CSV: all rows or none, and every bad row named."""

from io import StringIO
from pathlib import Path

import pytest

from sehat.audit.models import Entry
from sehat.entitlement.models import RegisterEntry
from sehat.entitlement.services import Report, import_register

pytestmark = pytest.mark.django_db

HEAD = "service_number,name,mobile,category,unit\n"
GOOD = HEAD + ("JC-481205K,Ramesh Kumar,+91 98765 43210,serving,14 Rajput\n4057811N,Mohan Lal Sharma,9876543216,ex,\n")


def read(text: str, *, dry_run: bool = False) -> Report:
    return import_register(StringIO(text), dry_run=dry_run)


def counts(report: Report) -> tuple[int, int, int]:
    return report.new, report.changed, report.unchanged


def test_new_people_are_entered() -> None:
    report = read(GOOD)
    assert report.ok
    assert counts(report) == (2, 0, 0)
    ramesh = RegisterEntry.objects.get(service_number="JC481205K")
    assert (ramesh.mobile, ramesh.category, ramesh.unit) == ("9876543210", "serving", "14 Rajput")
    assert Entry.objects.get(action="register.import").details == {"new": 2, "changed": 0}


def test_a_dry_run_changes_nothing() -> None:
    assert counts(read(GOOD, dry_run=True)) == (2, 0, 0)
    assert not RegisterEntry.objects.exists()
    assert not Entry.objects.exists()


def test_the_same_file_twice_changes_nothing() -> None:
    read(GOOD)
    assert counts(read(GOOD)) == (0, 0, 2)


def test_a_new_mobile_is_taken_over() -> None:
    read(GOOD)
    assert counts(read(GOOD.replace("98765 43210", "98765 43219"))) == (0, 1, 1)
    assert RegisterEntry.objects.get(service_number="JC481205K").mobile == "9876543219"


def test_two_people_may_swap_mobiles() -> None:
    read(GOOD)
    swapped = HEAD + "JC481205K,Ramesh Kumar,9876543216,,\n4057811N,Mohan Lal Sharma,9876543210,ex,\n"
    assert counts(read(swapped)) == (0, 2, 0)
    assert RegisterEntry.objects.get(service_number="4057811N").mobile == "9876543210"


def test_every_bad_row_is_named_and_nothing_is_taken() -> None:
    report = read(
        HEAD
        + "JC481205K,Ramesh Kumar,9876543210,serving,\n"
        + "??,Nobody,9876543211,serving,\n"
        + "IC60417M,,9876543212,serving,\n"
        + "IC60418M,Asha,12345,serving,\n"
        + "IC60419M,Asha,9876543213,colonel,\n"
        + "JC-481205-K,Ramesh again,9876543214,serving,\n"
        + "IC60420M,Sunil,98765 43210,serving,\n"
        + "IC60421M,Sunil,9876543215,serving,Unit,extra\n"
    )
    assert [row.line for row in report.bad] == [3, 4, 5, 6, 7, 8, 9]
    assert str(report.bad[2]) == "Line 5: the mobile number is not an Indian mobile number"
    assert "line 2" in str(report.bad[4])
    assert not report.ok
    assert not RegisterEntry.objects.exists()


def test_a_mobile_of_somebody_else_in_the_register_is_refused() -> None:
    read(GOOD)
    report = read(HEAD + "IC60417M,Asha Verma,9876543210,serving,\n")
    assert [str(row) for row in report.bad] == ["Line 2: the mobile number belongs to another service number"]


def test_without_a_column_nothing_is_read() -> None:
    assert [row.line for row in read("name,mobile\nAsha,9876543211\n").bad] == [1]
    assert not read("").ok


def test_only_three_columns_are_needed_in_any_order_and_from_excel(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    path.write_text("Mobile,Name,Service Number\r\n9876543211,आशा वर्मा,IC-60417M\r\n", encoding="utf-8-sig")
    assert counts(import_register(path, dry_run=False)) == (1, 0, 0)
    assert RegisterEntry.objects.get().name == "आशा वर्मा"


def test_thousands_of_rows() -> None:
    rows = "".join(f"IC{number}M,Soldier,9{number:09d},serving,\n" for number in range(800000000, 800001500))
    assert counts(read(HEAD + rows)) == (1500, 0, 0)
    assert counts(read(HEAD + rows)) == (0, 0, 1500)
