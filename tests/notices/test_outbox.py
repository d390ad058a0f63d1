"""The outbox: written in the recipient's language, sent once, tried again, given up."""

import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from sehat.kernel.clock import now
from sehat.notices import events, kinds, queries, rules, services
from sehat.notices.models import Notice
from sehat.notices.rules import Recipient, State

ASHA = Recipient("9876543211", "asha@example.in", "en")
MOHAN = Recipient("9876543216", "", "hi")


class Gateway:
    """A real HTTP gateway on this machine; `refuses` makes it answer 500."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refuses = False
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.send_response(500 if gateway.refuses else 200)
                self.end_headers()
                if not gateway.refuses:
                    gateway.taken.append(f"{self.path} {body}")

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def close(self) -> None:
        """Give the port back."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    """An SMS gateway outside of demo mode."""
    gateway = Gateway()
    settings.SEHAT_DEMO = False
    settings.SMS_URL = f"json://127.0.0.1:{gateway.server.server_port}/{{to}}/{{template}}"
    settings.DLT_TEMPLATES = {kinds.OTP: "1107160000000000001"}
    yield gateway
    gateway.close()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", kinds.KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_is_written_in_both_languages(kind: kinds.Kind) -> None:
    values = dict.fromkeys(re.findall(r"%\((\w+)\)s", f"{kind.subject} {kind.text}"), "X1")
    english = services.write(kind.name, to=Recipient("9876543211", "", "en"), **values)[0].text
    hindi = services.write(kind.name, to=MOHAN, **values)[0].text
    assert english != hindi
    assert "%(" not in english + hindi
    assert any("\u0900" <= letter <= "\u097f" for letter in hindi)


@pytest.mark.django_db
def test_links_lead_to_the_portal(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://opd.example.in"
    (notice,) = services.write(kinds.CALL_NOW, to=ASHA, minutes=2)
    assert "https://opd.example.in/waiting/" in notice.text


@pytest.mark.django_db
def test_a_missing_value_is_refused_at_once() -> None:
    with pytest.raises(KeyError):
        services.write(kinds.OTP, to=ASHA)


@pytest.mark.django_db
def test_who_has_an_email_address_gets_both(settings: Settings) -> None:
    channels = [notice.channel for notice in services.write(kinds.CONTACT_RECEIVED, to=ASHA)]
    assert channels == ["sms", "email"]
    assert [notice.channel for notice in services.write(kinds.CONTACT_RECEIVED, to=MOHAN)] == ["sms"]


@pytest.mark.django_db
def test_what_is_rolled_back_was_never_written(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    woken = []
    wake = lambda **_: woken.append(1)  # noqa: E731
    events.written.connect(wake)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.write(kinds.CONTACT_RECEIVED, to=ASHA)
        raise ZeroDivisionError
    assert not Notice.objects.exists()
    assert not woken


@pytest.mark.django_db
def test_an_sms_leaves_with_its_template_and_forgets_its_code(gateway: Gateway) -> None:
    (notice,) = services.write(kinds.OTP, to=ASHA, code="482913", minutes=15)
    assert services.deliver_due(now=now()) == 1
    notice.refresh_from_db()
    assert notice.state == State.SENT
    assert notice.sent_at is not None
    assert gateway.taken[0].startswith("/9876543211/1107160000000000001")
    assert "482913" in gateway.taken[0]
    assert "482913" not in notice.text
    assert services.deliver_due(now=now()) == 0
    assert len(gateway.taken) == 1


@pytest.mark.django_db
def test_a_refused_notice_is_tried_again_later_and_given_up_in_the_end(gateway: Gateway) -> None:
    gateway.refuses = True
    (notice,) = services.write(kinds.TOKEN_CANCELLED, to=MOHAN, token="G042-8317")
    moment = now()
    for tries in range(1, rules.MAX_TRIES + 1):
        assert services.deliver_due(now=moment) == 0
        notice.refresh_from_db()
        assert notice.tries == tries
        assert notice.error
        assert not queries.due(now=moment, limit=9), "it is not due again at once"
        moment += rules.back_off(tries)
    assert notice.state == State.FAILED
    assert not queries.due(now=moment + timedelta(days=9), limit=9)


@pytest.mark.django_db
def test_it_goes_out_when_the_gateway_is_back(gateway: Gateway) -> None:
    gateway.refuses = True
    (notice,) = services.write(kinds.TOKEN_CANCELLED, to=MOHAN, token="G042-8317")
    moment = now()
    services.deliver_due(now=moment)
    gateway.refuses = False
    assert services.deliver_due(now=moment + rules.back_off(1)) == 1
    notice.refresh_from_db()
    assert (notice.state, notice.error) == (State.SENT, "")


@pytest.mark.django_db
def test_a_call_is_not_told_when_it_is_long_over(gateway: Gateway) -> None:
    (notice,) = services.write(kinds.CALL_NOW, to=ASHA, minutes=2)
    assert services.deliver_due(now=now() + timedelta(minutes=3)) == 0
    notice.refresh_from_db()
    assert notice.state == State.FAILED
    assert not gateway.taken


@pytest.mark.django_db
def test_a_worker_that_died_holds_a_notice_no_longer_than_its_lease(gateway: Gateway) -> None:
    (notice,) = services.write(kinds.TOKEN_CANCELLED, to=MOHAN, token="G042-8317")
    moment = now()
    assert services._claim(notice, moment)
    assert services.deliver_due(now=moment) == 0
    assert services.deliver_due(now=moment + rules.LEASE) == 1


@pytest.mark.django_db(transaction=True)
def test_eight_workers_send_each_notice_once(gateway: Gateway) -> None:
    for number in range(20):
        services.write(kinds.MEDICINE_SENT, to=MOHAN, number=f"P-{number}", link="")
    moment, sent, start = now(), [], threading.Barrier(8)

    def work() -> None:
        start.wait()
        try:
            sent.append(services.deliver_due(now=moment))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(sent) == len(gateway.taken) == 20
    assert len(set(gateway.taken)) == 20


@pytest.mark.django_db
def test_an_email_leaves_through_the_mailer(settings: Settings, mailoutbox: list, ten_o_clock: datetime) -> None:
    settings.SEHAT_DEMO, settings.EMAIL_URL, settings.SMS_URL = False, "smtp://mail.example.in", ""
    services.write(kinds.CONTACT_RECEIVED, to=ASHA)
    assert services.deliver_due(now=now()) == 1
    assert mailoutbox[0].to == ["asha@example.in"]


def test_back_off_grows_to_an_hour() -> None:
    assert [rules.back_off(tries).seconds for tries in range(1, 8)] == [5, 20, 80, 320, 1280, 3600, 3600]
