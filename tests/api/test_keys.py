"""The keys of HQ's machines: what they open, what they do not, and what is kept of their use."""

from datetime import datetime, timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from sehat import cli
from sehat.accounts.models import Staff
from sehat.api import keys
from sehat.api.models import HqKey
from sehat.audit.models import Entry
from sehat.consultation import services as consultations
from sehat.consultation.models import Consultation
from sehat.consultation.rules import PutBack
from sehat.kernel.clock import now
from sehat.prescription.models import Prescription
from tests.api.conftest import App
from tests.consultation.conftest import logged_in
from tests.plans import scans, watched
from tests.prescription.profiles import faults

pytestmark = pytest.mark.django_db

REASON = "Monthly transfer to ABDM, order 17 of 2026"
LONG_AGO = quote("2020-01-01T00:00:00+05:30")


@pytest.fixture
def machine(hq: Staff) -> App:
    """A machine of HQ with a key."""
    return App(keys.make(name="ABDM transfer", days=90, by=hq, now=now())[0])


def _asked(prescription: Prescription) -> dict[str, str]:
    return {"number": prescription.number, "record": "consultation", "reason": REASON}


def test_a_machine_reads_a_record_for_a_reason(issued: Prescription, machine: App) -> None:
    answer = machine.post("hq/records", _asked(issued))
    assert answer.status_code == 200
    assert faults(answer.json()) == []
    key = HqKey.objects.get()
    entry = Entry.objects.get(action="record.export")
    assert (entry.actor, entry.subject) == (f"api.hqkey:{key.pk}", f"prescription.prescription:{issued.pk}")
    assert entry.details == {"record": "consultation", "reason": REASON}
    assert key.used_at is not None
    without = machine.post("hq/records", _asked(issued) | {"reason": ""})
    assert (without.status_code, list(without.json()["fields"])) == (422, ["reason"])
    assert Entry.objects.filter(action="record.export").count() == 1


def test_a_machine_finds_what_has_ended_and_takes_each_record(
    met: Consultation, machine: App, ten_o_clock: datetime
) -> None:
    assert machine.get(f"hq/consultations?since={LONG_AGO}").json()["consultations"] == []
    consultations.put_back(consultation=met, reason=PutBack.LINE, now=ten_o_clock)
    page = machine.get(f"hq/consultations?since={LONG_AGO}").json()
    (row,) = page["consultations"]
    assert (row["consultation"], row["opd"], row["outcome"], row["papers"]) == (met.ref, "G", "put_back", [])
    assert not page["more"]
    assert "Asha" not in str(page)
    record = machine.post("hq/records", {"number": row["consultation"], "record": "consultation", "reason": REASON})
    assert faults(record.json()) == []
    later = machine.get(f"hq/consultations?since={quote(page['since'])}&after={page['after']}").json()
    assert (later["consultations"], later["since"], later["after"]) == ([], page["since"], page["after"])
    assert [entry.details["rows"] for entry in Entry.objects.filter(action="hq.list").order_by("id")] == [0, 1, 0]


def test_the_list_names_the_papers(issued: Prescription, machine: App, ten_o_clock: datetime) -> None:
    consultations.finish(consultation=issued.consultation, now=ten_o_clock)
    (row,) = machine.get(f"hq/consultations?since={LONG_AGO}").json()["consultations"]
    assert row["papers"] == [{"number": issued.number, "status": "issued"}]


def test_the_list_goes_on_page_by_page(
    met: Consultation, machine: App, ten_o_clock: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All three ended at one moment: none comes twice, none is lost between two pages."""
    consultations.put_back(consultation=met, reason=PutBack.LINE, now=ten_o_clock)
    for _more in range(2):
        met.pk, met.ref = None, f"{_more}" * 22
        met._state.adding = True
        met.save()
    monkeypatch.setattr("sehat.api.headquarters.AT_ONCE", 2)
    first = machine.get(f"hq/consultations?since={LONG_AGO}").json()
    second = machine.get(f"hq/consultations?since={quote(first['since'])}&after={first['after']}").json()
    assert (first["more"], second["more"]) == (True, False)
    seen = [row["consultation"] for page in (first, second) for row in page["consultations"]]
    assert len(seen) == len(set(seen)) == 3


def test_the_list_is_read_by_its_index(machine: App) -> None:
    with watched() as seen:
        assert machine.get(f"hq/consultations?since={LONG_AGO}").status_code == 200
    assert [found for statement in seen for found in scans(statement)] == []


@pytest.mark.parametrize(
    "since",
    [
        "",
        "yesterday",
        "2026-11-23T10:00:00",
        "2026-13-01T00:00:00Z",
        "0001-01-01T00:00:00+05:30",
        "9999-12-31T23:59:59-05:30",
    ],
)
def test_the_list_wants_a_moment(machine: App, since: str) -> None:
    refused = machine.get(f"hq/consultations?since={quote(since)}")
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["since"])


def test_a_key_opens_nothing_else(issued: Prescription, machine: App) -> None:
    for path in ("me", "token", "consultations", f"prescriptions/{issued.ref}/pdf"):
        assert machine.get(path).status_code == 401
    client = Client()
    headers = {"Authorization": f"Bearer {machine.key}"}
    for name in ("prescription:for_hq", "office:board", "api:hq_keys"):
        assert client.get(reverse(name), headers=headers).status_code == 302, "to the login"


def test_no_key_that_does_not_count_opens_anything(issued: Prescription, machine: App, hq: Staff) -> None:
    handle = HqKey.objects.get().handle
    for wrong in ("sehat-hq", "sehat-hq..", f"sehat-hq.{handle}.", f"sehat-hq.{handle}.x", "sehat-hq.x.y", "x"):
        refused = App(wrong).post("hq/records", _asked(issued))
        assert (refused.status_code, refused.json()["error"]) == (401, "NotSignedIn"), wrong
    HqKey.objects.update(expires_at=now() - timedelta(seconds=1))
    assert machine.post("hq/records", _asked(issued)).status_code == 401
    HqKey.objects.update(expires_at=now() + timedelta(days=1))
    assert machine.post("hq/records", _asked(issued)).status_code == 200
    assert keys.revoke(key=HqKey.objects.get(), by=hq, now=now())
    assert machine.post("hq/records", _asked(issued)).status_code == 401
    assert not keys.revoke(key=HqKey.objects.get(), by=hq, now=now()), "once is enough"


def test_the_secret_is_kept_nowhere(machine: App) -> None:
    secret = machine.key.rpartition(".")[2]
    kept = [str(row) for model in (HqKey, Entry) for row in model._default_manager.values()]
    assert kept
    assert not [row for row in kept if secret in row]


def test_a_key_may_be_used_so_often_and_a_guesser_is_locked_out(
    machine: App, monkeypatch: pytest.MonkeyPatch, issued: Prescription
) -> None:
    for _guess in range(keys.WRONG_KEYS.tries):
        assert App("sehat-hq.x.y").get(f"hq/consultations?since={LONG_AGO}").status_code == 401
    assert App("sehat-hq.x.y").get(f"hq/consultations?since={LONG_AGO}").status_code == 429
    for _use in range(keys.USES.tries):
        assert machine.get(f"hq/consultations?since={LONG_AGO}").status_code == 200, "the guesser locks out nobody else"
    refused = machine.post("hq/records", _asked(issued))
    assert (refused.status_code, refused.json()["error"]) == (429, "TooOften")
    assert not Entry.objects.filter(action="record.export").exists()


def test_hq_makes_a_key_sees_it_once_and_revokes_it(hq: Staff, issued: Prescription) -> None:
    browser, address = logged_in(staff=hq), reverse("api:hq_keys")
    empty = browser.post(address, {"name": " ", "days": "90"})
    assert empty.status_code == 422
    endless = browser.post(address, {"name": "ABDM", "days": "9999"})
    assert endless.status_code == 422
    assert not HqKey.objects.exists()
    made = browser.post(address, {"name": "ABDM transfer", "days": "30"})
    text = made.content.decode().partition('<code class="key">')[2].partition("</code>")[0]
    assert made.headers["Cache-Control"] == "private, no-store"
    assert App(text).post("hq/records", _asked(issued)).status_code == 200
    key = HqKey.objects.get()
    assert timedelta(days=29) < key.expires_at - now() <= timedelta(days=30)
    again = browser.get(address).content.decode()
    assert "ABDM transfer" in again
    assert text not in again
    assert browser.post(reverse("api:revoke_hq_key", args=[key.handle])).status_code == 302
    assert App(text).post("hq/records", _asked(issued)).status_code == 401
    assert "Revoked" in browser.get(address).content.decode()
    assert [entry.action for entry in Entry.objects.filter(action__startswith="hq_key.").order_by("id")] == [
        "hq_key.make",
        "hq_key.revoke",
    ]


def test_a_key_by_command(issued: Prescription, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["key", "add", "Reports server", "--days", "30"]) == 0
    text = capsys.readouterr().out.strip()
    assert App(text).post("hq/records", _asked(issued)).status_code == 200
    assert cli.main(["key", "list"]) == 0
    listed = capsys.readouterr().out
    handle = HqKey.objects.get().handle
    assert handle in listed
    assert "valid" in listed
    assert text not in listed
    assert cli.main(["key", "revoke", handle]) == 0
    assert cli.main(["key", "revoke", handle]) == 1
    assert App(text).post("hq/records", _asked(issued)).status_code == 401
    with pytest.raises(SystemExit):
        cli.main(["key", "add", "For ever", "--days", "4000"])
