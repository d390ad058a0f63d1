"""How often each page asks the database, and by which index, with the table's scene (performance.md)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from sehat.accounts import throttle
from sehat.audit import services as audit
from sehat.clinic.models import Opd
from sehat.config import background
from sehat.consultation import services as consultations
from sehat.desk import services as desk
from sehat.kernel.clock import now
from sehat.notices import services as notices
from sehat.registration import services as registration
from sehat.registration.models import Patient
from sehat.registration.rules import new_patient_id
from sehat.tokens import services as tokens
from sehat.waiting import queries as waiting
from sehat.waiting import services as waiting_services
from tests.conftest import IssueToken
from tests.permissions.conftest import Scene
from tests.permissions.test_table import PEOPLE, ROWS, Row, _read
from tests.plans import Statement, as_new, scans, watched

pytestmark = pytest.mark.django_db

MOST = 12
RARE = ("office:", "site:demo")
"""Counted over months for reports, or there in demo mode only: nobody waits behind these."""


@pytest.fixture(autouse=True)
def _as_new(db: None) -> None:
    as_new()


def _asked(scene: Scene, name: str, row: Row) -> list[Statement]:
    with transaction.atomic():
        client = scene.client(name)
        with watched() as statements:
            _read(client.get(row.path(scene)) if row.method == "GET" else client.post(row.path(scene)))
        transaction.set_rollback(True)
    return statements


def _pages() -> Iterator[tuple[str, Row]]:
    yield from ((name, row) for row in ROWS if not row.address.startswith(RARE) for name in PEOPLE)


def test_every_page_asks_at_most_twelve_questions_each_by_an_index(scene: Scene) -> None:
    asked: dict[str, Statement] = {}
    counts: dict[str, int] = {}
    for name, row in _pages():
        statements = _asked(scene, name, row)
        asked |= {sql: (sql, params) for sql, params in statements}
        if row.method == "GET":
            counts[f"{row.address} as {name}"] = len(statements)
    assert {page: count for page, count in counts.items() if count > MOST} == {}
    assert len(asked) > 100
    assert {sql: faults for sql, statement in asked.items() if (faults := scans(statement))} == {}


def test_no_page_asks_more_where_more_people_wait(
    scene: Scene, asha: Patient, opd: Opd, issue_token: IssueToken
) -> None:
    pages = [(name, row) for name, row in _pages() if row.method == "GET" and name in {"meera", "iyer", "hq"}]
    few = {f"{row.address} as {name}": len(_asked(scene, name, row)) for name, row in pages}
    for number in range(30):
        asha.pk, asha.mobile, asha.patient_id = None, f"7{number:09d}", new_patient_id()
        asha._state.adding = True
        asha.save()
        issue_token(Patient.objects.get(pk=asha.pk), joined=True, now=now())
    many = {f"{row.address} as {name}": len(_asked(scene, name, row)) for name, row in pages}
    assert {page: (few[page], count) for page, count in many.items() if count > few[page]} == {}


def test_everything_that_goes_on_beside_the_pages_goes_by_an_index(
    scene: Scene, ten_o_clock: datetime, opd: Opd
) -> None:
    moment = now() + timedelta(days=2)
    with watched() as statements:
        desk.sweep(now=moment)
        tokens.expire_due(now=moment)
        consultations.sweep(now=moment)
        waiting_services.tell_closing(now=now())
        notices.deliver_due(now=now())
        audit.seal(now=moment)
        registration.forget_old_otps(now=moment)
        throttle.forget_old(now=moment)
        background.forget_spent(now=moment)
        list(waiting.line(opd))
    assert "\n".join(f"{faults}: {sql}" for sql, params in statements if (faults := scans((sql, params)))) == ""


def test_a_scan_would_be_seen(scene: Scene) -> None:
    """The test of the test: a patient looked for by the city is a table read whole."""
    with watched() as statements:
        list(Patient.objects.filter(city="Pune"))
        list(Patient.objects.filter(mobile="9812345678"))
    assert [bool(scans(statement)) for statement in statements] == [True, False]
