"""`/metrics`: the figures of the OPD day, for those who may see them."""

from datetime import timedelta

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, Settings

from sehat.clinic.models import Doctor, Opd
from sehat.config import metrics
from sehat.consultation import services as consultations
from sehat.desk import services as desk
from sehat.desk.queries import open_call_of
from sehat.kernel.clock import now
from sehat.live.counts import Drop
from sehat.live.pulse import Heart
from sehat.registration.models import Patient
from sehat.waiting import services as waiting
from tests.conftest import IssueToken

pytestmark = pytest.mark.django_db
Figures = dict[tuple[str, ...], float]


def read(text: str) -> Figures:
    """Name and values of the labels → figure."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_an_opd_day_in_figures(
    asha: Patient, mohan: Patient, opd: Opd, dr_rao: Doctor, issue_token: IssueToken, client: Client
) -> None:
    moment = now()
    first = issue_token(asha, now=moment - timedelta(minutes=20), joined=True)
    issue_token(mohan, now=moment - timedelta(minutes=10), joined=True)
    desk.go_available(doctor=dr_rao, now=moment - timedelta(minutes=5))
    call = open_call_of(dr_rao)
    assert call is not None
    called = call.token
    waiting.press_call_now(token=called, now=moment - timedelta(seconds=290))
    call.refresh_from_db()
    consultations.answer(call=call, now=moment - timedelta(seconds=286))
    Heart(is_worker=True).beat()
    Heart(is_worker=False).beat(sockets=7, dropped={Drop.TOO_SLOW: 2})

    figures = read(client.get("/metrics").content.decode())
    assert figures["sehat_queue_length", "G"] == 1
    waited = 600 if called == first else 1200
    assert figures["sehat_queue_longest_wait_seconds", "G"] == pytest.approx(waited, abs=30)
    assert figures["sehat_calls_recent", "G", "answered"] == 1
    assert figures["sehat_calls_recent", "G", "missed"] == 0
    assert figures["sehat_wait_seconds", "G", "0.5"] == pytest.approx(1500 - waited, abs=30)
    assert figures["sehat_call_setup_seconds", "G", "0.9"] == pytest.approx(4, abs=0.1)
    assert figures["sehat_doctors", "G", "consulting"] == 1
    assert figures["sehat_doctors", "G", "available"] == 0
    assert figures["sehat_notices_pending", "sms"] > 0
    assert figures["sehat_sockets",] == 7
    assert figures["sehat_sockets_dropped_total", "too_slow"] == 2
    assert figures["sehat_sockets_dropped_total", "garbage"] == 0
    assert figures["sehat_worker_up",] == 1


def test_it_costs_the_same_however_long_the_line_is(
    asha: Patient, mohan: Patient, opd: Opd, issue_token: IssueToken, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(8):
        metrics.exposition()
    for patient in (asha, mohan):
        issue_token(patient, joined=True)
    with django_assert_num_queries(8):
        metrics.exposition()


def test_only_this_host_or_the_bearer_of_the_token_may_ask(client: Client, settings: Settings) -> None:
    def asked(headers: dict[str, str] | None = None, *, away: bool = True) -> int:
        return client.get("/metrics", headers=headers, REMOTE_ADDR="10.1.2.3" if away else "127.0.0.1").status_code

    assert asked(away=False) == 200
    assert asked({"X-Forwarded-For": "127.0.0.1"}, away=False) == 404
    assert asked() == 404
    assert asked({"Authorization": "Bearer "}) == 404
    settings.METRICS_TOKEN = "a-token-of-the-tests"
    assert asked({"Authorization": "Bearer another"}) == 404
    assert asked({"Authorization": "Bearer a-token-of-the-tests"}) == 200


def test_readiness_names_each_part(client: Client, settings: Settings) -> None:
    assert client.get("/readyz", headers={"Host": "10.0.0.7:8001"}).json() == {"database": True, "worker": False}
    Heart(is_worker=True).beat()
    assert client.get("/readyz").json() == {"database": True, "worker": True}
    assert client.get("/healthz").content == b"alive"
