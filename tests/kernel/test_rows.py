"""Rows inserted together are what saved ones are; a change is a compare-and-set."""

from datetime import datetime

import pytest
from django.db import IntegrityError, connection
from pytest_django import DjangoAssertNumQueries

from sehat.audit.models import Entry
from sehat.kernel.rows import change, insert, remove
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
