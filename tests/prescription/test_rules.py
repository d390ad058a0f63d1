"""Follow-up, and what may be prescribed at all."""

from datetime import date

import pytest

from sehat.prescription import rules
from sehat.prescription.rules import MedicineList


def test_only_prohibited_medicines_are_barred_for_all() -> None:
    assert [kind for kind in MedicineList if not rules.may_prescribe(kind)] == [MedicineList.PROHIBITED]


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        (None, None),
        (date(2026, 11, 23), None),
        (date(2026, 11, 22), "past"),
        (date(2027, 11, 23), None),
        (date(2027, 11, 24), "far"),
    ],
)
def test_a_follow_up_lies_within_a_year(day: date | None, problem: str | None) -> None:
    assert rules.follow_up_problem(day, today=date(2026, 11, 23)) == problem
