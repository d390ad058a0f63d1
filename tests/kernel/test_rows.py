"""Rows inserted together are what saved ones are; a change is a compare-and-set."""

from datetime import UTC, datetime

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries

from sehat.audit.models import Entry
from sehat.kernel.prepared import prepared
from sehat.kernel.rows import change, insert, insert_new, insert_where, remove
from sehat.notices.models import Notice
from sehat.registration.models import Patient

pytestmark = pytest.mark.django_db


def test_rows_are_inserted_together(ten_o_clock: datetime, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    entry = Entry(at=ten_o_clock, actor="portal", action="try", subject="x", details={"number": 3, "day": ten_o_clock})
    notice = Notice(
        kind="otp",
        channel="sms",
        to="9812345678",
        language="hi",
        subject="कोड",
        text="100 % sure",
        next_try_at=ten_o_clock,
        no_use_after=ten_o_clock,
    )
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 2):
        insert(entry, notice)
    stored = Entry.objects.get(pk=entry.pk)
    assert (stored.at, stored.action, stored.details["number"]) == (ten_o_clock, "try", 3)
    sent = Notice.objects.get(pk=notice.pk)
    assert (sent.text, sent.subject, sent.sent_at, sent.state) == ("100 % sure", "कोड", None, "pending")
    assert sent.created_at is not None
    notice.tries = 1
    notice.save()
    assert Notice.objects.get().tries == 1


def test_a_constraint_speaks_as_always(asha: Patient) -> None:
    twin = Patient.objects.get(pk=asha.pk)
    twin.pk = None
    with pytest.raises(IntegrityError):
        insert(twin)


def test_a_row_changes_only_from_what_it_was(asha: Patient, ten_o_clock: datetime) -> None:
    was = {"pk": asha.pk, "city": asha.city, "verified_at": asha.verified_at}
    assert change(Patient, was, {"city": "Pune", "verified_at": None})
    assert not change(Patient, was, {"city": "Goa"})
    assert change(Patient, {"pk": asha.pk, "verified_at": None}, {"verified_at": ten_o_clock})
    asha.refresh_from_db()
    assert (asha.city, asha.verified_at) == ("Pune", ten_o_clock)


def test_a_row_is_removed_by_what_it_is(asha: Patient, mohan: Patient) -> None:
    assert not remove(Patient, {"mobile": asha.mobile, "city": "nowhere"})
    assert remove(Patient, {"mobile": asha.mobile, "verified_at": asha.verified_at})
    assert list(Patient.objects.all()) == [mohan]


def test_a_new_row_is_written_if_no_other_has_what_must_be_unique(
    asha: Patient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    twin = Patient.objects.get(pk=asha.pk)
    twin.pk, twin.patient_id = None, "900000000001"
    with django_assert_num_queries(1):
        assert not insert_new(twin)
    assert twin.pk is None
    twin.mobile = "9812345670"
    assert insert_new(twin)
    assert set(Patient.objects.values_list("pk", flat=True)) == {asha.pk, twin.pk}


def test_a_row_whose_key_is_its_own_is_written_once() -> None:
    session = Session(session_key="k" * 32, session_data="x", expire_date=datetime(2026, 1, 1, tzinfo=UTC))
    assert insert_new(session)
    assert not insert_new(session)
    assert Session.objects.get().session_data == "x"


@prepared
def _in(city: str) -> QuerySet[Patient]:
    return Patient.objects.filter(city=city)


def test_a_row_is_written_where_something_is_found(
    asha: Patient, ten_o_clock: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    entry = Entry(at=ten_o_clock, actor="portal", action="try", subject="x", details={})
    with django_assert_num_queries(2):
        assert not insert_where(entry, _in, "nowhere")
        assert insert_where(entry, _in, asha.city)
    assert Entry.objects.get() == entry
