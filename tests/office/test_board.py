"""The commandant's board: counted in SQL, the same on both databases."""

from copy import copy
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from sehat.accounts.models import Staff
from sehat.clinic.models import Doctor, Duty, Hospital, Opd, Posting
from sehat.clinic.rules import DoctorState, DutyPart
from sehat.consultation import services as consultations
from sehat.consultation.models import Consultation
from sehat.consultation.rules import PutBack
from sehat.desk import services as desk
from sehat.notices.models import Notice
from sehat.notices.rules import State as Delivery
from sehat.office.board import board
from sehat.office.counting import Counts, Kept, Span, Times, by_opd, counted, grouped
from sehat.registration.models import Patient
from sehat.tokens.models import Token
from sehat.waiting.models import Promise
from tests.conftest import IssueToken, Served
from tests.consultation.conftest import Meet

pytestmark = pytest.mark.django_db


def _on(moment: datetime, opd: Opd) -> Counts:
    """What happened in the OPD on that day."""
    return grouped(counted(Span([opd], moment.date(), moment.date())), by_opd)[opd.pk]


def test_the_line_at_this_moment(
    hospital: Hospital, opd: Opd, dr_rao: Doctor, dr_iyer: Doctor, asha: Patient, meera: Patient,
    issue_token: IssueToken, ten_o_clock: datetime,
) -> None:  # fmt: skip
    issue_token(asha, joined=True, now=ten_o_clock - timedelta(minutes=25))
    issue_token(meera, joined=True, now=ten_o_clock - timedelta(minutes=3))
    Doctor.objects.filter(pk=dr_iyer.pk).update(state=DoctorState.PAUSED)
    (row,) = board(hospital, now=ten_o_clock).rows
    assert (row.line.waiting, row.line.longest, row.line.on_duty, row.line.paused) == (2, 25, 0, 1)
    assert row.line.left_alone
    assert row.day.tokens == 2
    assert (row.day.times, row.day.kept, row.day.stars) == (None, None, None)


def test_the_page_says_what_was_counted(
    commandants: Client, served: Served, opd: Opd, dr_rao: Doctor, at_ten: datetime
) -> None:
    (token,) = served(12)
    Promise.objects.create(token=token, opd=opd, made_at=at_ten, low=10, high=20, waited=900)
    page = " ".join(commandants.get(reverse("office:board")).content.decode().split())
    assert "<dt>Tokens today</dt><dd>1</dd>" in page
    assert "half within 12 min, nine in ten within 12 min" in page
    assert "came true for 100 % of 1 patient; off by 0 min in the median" in page


def test_the_day_so_far(
    opd: Opd, meet: Meet, asha: Patient, meera: Patient, dr_rao: Doctor, dr_iyer: Doctor, ten_o_clock: datetime
) -> None:
    """Asha was seen and says it was good; Meera was put back, called again and did not press."""
    hers = meet(asha, dr_rao)
    consultations.complete(consultation=hers, now=ten_o_clock)
    consultations.give_feedback(consultation=hers, stars=4, text="", now=ten_o_clock)
    back = meet(meera, dr_iyer)
    consultations.put_back(consultation=back, reason=PutBack.LINE, now=ten_o_clock)
    desk.match(opd=opd.pk, now=ten_o_clock)
    desk.sweep(now=ten_o_clock + timedelta(minutes=3))
    day = _on(ten_o_clock, opd)
    assert (day.tokens, day.completed, day.put_back, day.missed) == (2, 1, 1, 1)
    assert day.called == 3 + day.unanswered + day.of("call summoned")
    assert (day.rated, day.stars) == (1, 4.0)


def test_half_and_nine_in_ten(opd: Opd, served: Served, ten_o_clock: datetime) -> None:
    served(*range(1, 11))  # one to ten minutes
    found = _on(ten_o_clock, opd).times
    assert found == Times(wait=(15, 15), service=(5, 9))


def test_one_consultation_is_its_own_median(opd: Opd, served: Served, ten_o_clock: datetime) -> None:
    served(7)
    assert _on(ten_o_clock, opd).times == Times(wait=(15, 15), service=(7, 7))


def test_promised_against_come_true(opd: Opd, served: Served, ten_o_clock: datetime) -> None:
    """Three patients were told 10 to 20 minutes: one waited 12, one 20, one 31. One was never called."""
    waits = [12, 20, 31, None]
    Promise.objects.bulk_create(
        Promise(token=token, opd=opd, made_at=ten_o_clock, low=10, high=20, waited=wait and wait * 60)
        for token, wait in zip(served(5, 5, 5, 5), waits, strict=True)
    )
    kept = _on(ten_o_clock, opd).kept
    assert kept == Kept(promises=3, share=67, error=5)  # errors 3, 5 and 16 from the middle, 15


def test_who_should_be_there_and_is_not(
    hospital: Hospital, dr_rao: Doctor, dr_iyer: Doctor, ten_o_clock: datetime
) -> None:
    day = ten_o_clock.date()
    Duty.objects.create(doctor=dr_rao, day=day, part=DutyPart.FORENOON)
    Duty.objects.create(doctor=dr_iyer, day=day, part=DutyPart.AFTERNOON)
    assert [row.doctor for row in board(hospital, now=ten_o_clock).missing] == [dr_rao]
    cache.clear()
    Doctor.objects.filter(pk=dr_rao.pk).update(state=DoctorState.AVAILABLE)
    afternoon = ten_o_clock + timedelta(hours=5)
    assert [row.doctor for row in board(hospital, now=afternoon).missing] == [dr_iyer]


def test_the_outbox(hospital: Hospital, ten_o_clock: datetime) -> None:
    old = Notice(kind="otp", channel="sms", to="9876543211", language="en", text="x", next_try_at=ten_o_clock)
    old.no_use_after = ten_o_clock
    old.save()
    Notice.objects.update(created_at=ten_o_clock - timedelta(minutes=6))
    old.pk = None
    old.state = Delivery.FAILED
    old.save()
    Notice.objects.filter(state=Delivery.FAILED).update(created_at=ten_o_clock - timedelta(hours=23))
    notices = board(hospital, now=ten_o_clock).notices
    assert (notices.pending, notices.oldest, notices.failed) == (1, 6, 1)


def test_a_commandant_sees_the_own_hospital_only(
    commandants: Client, hospital: Hospital, opd: Opd, medicine: Opd, dr_rao: Doctor, at_ten: datetime
) -> None:
    elsewhere = Hospital.objects.create(name="Naval Hospital Sagarpur", city="Sagarpur", state="Maharashtra")
    medicine.hospital = elsewhere
    medicine.save()
    page = commandants.get(reverse("office:board"), {"hospital": elsewhere.pk}).content.decode()
    assert "General OPD" in page
    assert "Lt Col Arvind Rao" in page
    assert "Medicine" not in page
    assert "Sagarpur" not in page


def test_hq_sees_all_and_chooses_one(
    hqs: Client, hospital: Hospital, opd: Opd, medicine: Opd, dr_rao: Doctor, at_ten: datetime
) -> None:
    page = hqs.get(reverse("office:board")).content.decode()
    assert "General OPD" in page
    assert "Medicine" in page
    assert "Arvind Rao" not in page
    one = hqs.get(reverse("office:board"), {"hospital": hospital.pk}).content.decode()
    assert "Arvind Rao" in one
    assert "Medicine" not in one
    for senseless in ("9999", "x", "-1", "9" * 30):
        assert hqs.get(reverse("office:board"), {"hospital": senseless}).status_code == 404


def test_a_commandant_without_a_hospital_is_told_who_can_help(commandant: Staff, commandants: Client) -> None:
    Posting.objects.all().delete()
    for name in ("board", "roster", "hours", "reports", "said"):
        answer = commandants.get(reverse(f"office:{name}"))
        assert answer.status_code == 409
        assert "HQ" in answer.content.decode()


@pytest.mark.parametrize("who", ["commandant", "hq"])
def test_no_query_grows_with_the_queue(
    who: str, request: pytest.FixtureRequest, opd: Opd, medicine: Opd, dr_rao: Doctor, dr_iyer: Doctor,
    served: Served, issue_token: IssueToken, asha: Patient, meera: Patient, mohan: Patient, met: Consultation,
    at_ten: datetime, django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    client: Client = request.getfixturevalue("commandants" if who == "commandant" else "hqs")
    served(*range(1, 40))
    for patient in (meera, mohan):
        issue_token(patient, joined=True)
    with django_assert_max_num_queries(12):
        client.get(reverse("office:board"))
    with django_assert_max_num_queries(5):  # asked again within five seconds
        assert client.get(reverse("office:board"), headers={"HX-Request": "true"}).status_code == 200


def test_the_day_is_found_by_an_index(opd: Opd, served: Served, ten_o_clock: datetime) -> None:
    """Of two thousand past days the plan looks at one."""
    (token,) = served(5)
    past = []
    for back in range(1, 2000):
        token.pk, token.day = None, ten_o_clock.date() - timedelta(days=back)
        past.append(copy(token))
    Token.objects.bulk_create(past)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    span = Span([opd], ten_o_clock.date(), ten_o_clock.date())
    plan = span.tokens(Token.objects.all()).explain()
    assert "one_number_a_day" in plan or "USING INDEX sqlite_autoindex_tokens_token_2 (opd_id=? AND day" in plan, plan
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # an empty outbox would be read as a whole
    failed = Notice.objects.filter(state=Delivery.FAILED, created_at__gte=ten_o_clock).explain()
    assert "notices_failed" in failed
