"""The record of who did what."""

from datetime import datetime, timedelta

import pytest

from sehat.accounts.models import Staff
from sehat.audit import services as audit
from sehat.audit.models import AlreadyWritten, Entry, Seal
from sehat.kernel.clock import now

pytestmark = pytest.mark.django_db


def write(hq: Staff, times: int) -> datetime:
    """Some entries, and a moment when they are settled."""
    for number in range(times):
        audit.record(actor=hq, action="test.write", subject="thing:1", number=number)
    return now() + 2 * audit.SETTLED


def test_an_entry_is_written_once_and_stays(hq: Staff) -> None:
    write(hq, 1)
    entry = Entry.objects.get()
    assert (entry.actor, entry.subject) == (f"accounts.staff:{hq.pk}", "thing:1")
    with pytest.raises(AlreadyWritten):
        entry.save()
    with pytest.raises(AlreadyWritten):
        entry.delete()


def test_fresh_entries_are_not_sealed_yet(hq: Staff) -> None:
    later = write(hq, 3)
    assert audit.seal(now=now()) is None
    seal = audit.seal(now=later)
    assert seal is not None
    assert seal.rows == 3
    assert audit.seal(now=later) is None


def test_seals_chain_and_hold(hq: Staff) -> None:
    audit.seal(now=write(hq, 3))
    audit.seal(now=write(hq, 2) + timedelta(minutes=5))
    assert Seal.objects.count() == 2
    assert audit.first_broken_seal() is None


@pytest.mark.parametrize("deed", ["change", "remove"])
def test_a_later_edit_breaks_its_seal(hq: Staff, deed: str) -> None:
    audit.seal(now=write(hq, 3))
    audit.seal(now=write(hq, 2) + timedelta(minutes=5))
    behind_the_back = Entry.objects.filter(pk=Entry.objects.order_by("pk")[1].pk)
    behind_the_back.update(details={"number": 99}) if deed == "change" else behind_the_back._raw_delete("default")
    broken = audit.first_broken_seal()
    assert broken is not None
    assert broken == Seal.objects.order_by("last").first()
