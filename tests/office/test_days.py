"""Closed days: the same figures as counting anew, whatever comes late, whoever closes."""

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from sehat.accounts.models import Staff
from sehat.clinic.models import Doctor, Hospital, Opd
from sehat.consultation import services as consultations
from sehat.consultation.models import Consultation, Feedback
from sehat.consultation.rules import Outcome as Ending
from sehat.office import days
from sehat.office.counting import Counts, Key, Span, counted
from sehat.office.models import ReportDay
from sehat.prescription import services as prescriptions
from sehat.prescription.errors import NotAllowed
from sehat.prescription.models import Objection, Prescription
from sehat.prescription.rules import Outcome
from sehat.prescription.writing import Written
from sehat.registration.models import Patient
from sehat.registration.rules import new_patient_id
from sehat.tokens.models import Token
from sehat.tokens.rules import State
from sehat.waiting.models import Call, Promise
from sehat.waiting.rules import CallState
from tests.plans import as_new, scans, watched
from tests.prescription.conftest import line

pytestmark = pytest.mark.django_db

FIRST = date(2026, 11, 20)
NEXT_DAY = timedelta(days=1)
ENDED = [State.COMPLETED, State.COMPLETED, State.COMPLETED, State.CANCELLED, State.EXPIRED]


def anew(span: Span) -> dict[Key, Counts]:
    """What counting says, by hospital too."""
    return {key: counts for key, counts in counted(span).items() if +counts.numbers}


class Ward:
    """Three OPDs with two hospitals' doctors, and what happened there at random."""

    def __init__(self, seed: int, asha: Patient, ten_o_clock: datetime) -> None:
        self.random, self.patient, self.ten = random.Random(seed), asha, ten_o_clock
        self.hospitals = [Hospital.objects.create(name=name, city="Pune", state="Maharashtra") for name in ("MH", "CH")]
        self.opds = [Opd.objects.create(code=code, name=code, name_hi=code, kind="specialist") for code in "XYZ"]
        self.doctors = [self._doctor(opd, hospital) for opd in self.opds for hospital in self.hospitals]
        for day in range(4):
            for _ in range(self.random.randrange(1, 12)):
                self.visit(FIRST + day * NEXT_DAY)

    def _doctor(self, opd: Opd, hospital: Hospital) -> Doctor:
        name = f"{opd.code}{hospital.name}"
        staff = Staff.objects.create(username=name, role="doctor")
        return Doctor.objects.create(
            staff=staff, hospital=hospital, opd=opd, registration_number=name, qualification="MBBS", council="MMC",
            languages="Hindi",
        )  # fmt: skip

    def visit(self, day: date) -> None:
        """A patient who is nobody else's, a token, and what became of it."""
        pick, number = self.random, Token.objects.count() + 1
        twin = Patient.objects.get(pk=self.patient.pk)
        twin.pk, twin.mobile, twin.patient_id = None, f"8{number:09d}", new_patient_id()
        twin.save(force_insert=True)
        doctor = pick.choice(self.doctors)
        opd, joined = doctor.opd, self.ten + (day - self.ten.date()) * 1
        seen = joined + timedelta(seconds=pick.randrange(9000), microseconds=pick.randrange(10**6))
        token = Token.objects.create(
            patient=twin, opd=opd, day=day, number=number, secret="0000", code=f"{opd.code}{number}",
            state=pick.choice(ENDED), complaint="-", joined_at=joined, turn_key=joined, consulting_at=seen,
            moved_at=seen + timedelta(seconds=pick.randrange(2400)), expires_at=joined + NEXT_DAY,
        )  # fmt: skip
        if pick.random() < 0.7:
            low = pick.randrange(30)
            waited = pick.choice([None, pick.randrange(4000)])
            Promise.objects.create(token=token, opd=opd, made_at=joined, low=low, high=low + 10, waited=waited)
        for state in pick.sample([CallState.MISSED, CallState.UNANSWERED, CallState.ANSWERED], pick.randrange(3)):
            Call.objects.create(token=token, doctor=doctor, state=state, made_at=joined, deadline=joined)
        if token.state == State.COMPLETED:
            self._seen(token, doctor, seen)

    def _seen(self, token: Token, doctor: Doctor, at: datetime) -> None:
        pick = self.random
        ending = pick.choice([Ending.COMPLETED, Ending.COMPLETED, Ending.PUT_BACK])
        met = Consultation.objects.create(
            token=token, doctor=doctor, started_at=at, call_ended_at=at, ended_at=at, outcome=ending
        )
        if ending == Ending.COMPLETED:
            Prescription.objects.create(
                number=f"RX-{token.pk}", consultation=met, patient=token.patient, issued_at=at, people={}, size=1,
                sha256=f"{token.pk}", mode="video", complaint="-", diagnoses=[], outcome=pick.choice(list(Outcome)),
            )  # fmt: skip
            if pick.random() < 0.5:
                Feedback.objects.create(consultation=met, stars=pick.randrange(1, 6), text="", given_at=at)
        for _ in range(pick.randrange(2)):
            Objection.objects.create(consultation=met, rule="video", overruled=pick.random() < 0.5)

    def late(self) -> None:
        """Something that happens after the day is over."""
        pick = self.random
        paper = pick.choice(list(Prescription.objects.filter(status="issued").order_by("pk")) or [None])
        if paper is None:
            return
        deed = pick.randrange(3)
        if deed == 0:
            prescriptions.revoke(prescription=paper, doctor=paper.consultation.doctor, reason="A mistake", now=self.ten)
        elif deed == 1:
            consultations.give_feedback(
                consultation=paper.consultation, stars=pick.randrange(1, 6), text="", now=self.ten
            )
        else:
            Objection.objects.create(consultation=paper.consultation, rule="list_a", overruled=False)

    def spans(self) -> Iterator[Span]:
        """What HQ and both commandants may ask for."""
        for hospital in (None, *self.hospitals):
            for opds in (self.opds, self.random.sample(self.opds, 2)):
                frm = FIRST + self.random.randrange(3) * NEXT_DAY
                yield Span(opds, frm, frm + self.random.randrange(5) * NEXT_DAY, hospital)


@pytest.mark.parametrize("seed", range(8))
def test_the_same_figures_as_counting_anew(seed: int, asha: Patient, ten_o_clock: datetime) -> None:
    ward = Ward(seed, asha, ten_o_clock)
    today = FIRST + 3 * NEXT_DAY
    assert today == ten_o_clock.date()
    days.close_due(now=ten_o_clock)
    assert ReportDay.objects.filter(closed_at__isnull=False).count() == 3 * len(ward.opds)
    assert not ReportDay.objects.filter(day=today, closed_at__isnull=False).exists()
    for turn in range(4):
        for span in ward.spans():
            found = {key: +counts.numbers for key, counts in days.figures(span).items()}
            assert found == {key: +counts.numbers for key, counts in anew(span).items()}, (turn, span)
        ward.late()
        ward.visit(today)
        if turn == 2:
            days.close_due(now=ten_o_clock + NEXT_DAY)
            assert days.recount(FIRST, today, now=ten_o_clock + NEXT_DAY) == []


def test_a_day_closes_two_hours_after_it_is_over(asha: Patient, ten_o_clock: datetime) -> None:
    ward = Ward(1, asha, ten_o_clock)
    midnight = ten_o_clock + timedelta(hours=14)
    last = ReportDay.objects.filter(day=ten_o_clock.date(), closed_at__isnull=False)
    days.close_due(now=midnight + timedelta(hours=1, minutes=59))
    assert not last.exists()
    days.close_due(now=midnight + timedelta(hours=2))
    assert last.count() == len(ward.opds)
    assert days.close_due(now=midnight + timedelta(hours=3)) == 0


def test_a_day_with_an_open_token_stays_open_until_it_has_ended(asha: Patient, ten_o_clock: datetime) -> None:
    ward = Ward(2, asha, ten_o_clock)
    token = Token.objects.filter(day=FIRST).latest("pk")
    token.state = State.CONSULTING
    token.save()
    days.close_due(now=ten_o_clock)
    stays = ReportDay.objects.filter(day=FIRST, closed_at=None)
    assert [row.opd for row in stays] == [token.opd]
    token.state = State.COMPLETED
    token.save()
    assert days.close_due(now=ten_o_clock) == 1
    span = Span(ward.opds, FIRST, FIRST)
    assert days.figures(span) == anew(span)


def test_an_outage_of_weeks_is_caught_up(asha: Patient, ten_o_clock: datetime) -> None:
    ward = Ward(3, asha, ten_o_clock)
    later = ten_o_clock + timedelta(days=days.AT_ONCE + 9)
    assert days.close_due(now=later) == days.AT_ONCE * len(ward.opds)
    assert days.close_due(now=later) > 0
    assert days.close_due(now=later) == 0
    for span in ward.spans():
        assert days.figures(span) == anew(span)


def test_what_doctors_and_patients_do_late_opens_the_day_again(
    issued: Prescription, dr_rao: Doctor, written: Written, ten_o_clock: datetime, opd: Opd
) -> None:
    tomorrow, day = ten_o_clock + NEXT_DAY, issued.consultation.token.day
    span = Span([opd], day, day)

    def told() -> Counts:
        (counts,) = days.figures(span).values()
        assert counts.numbers == anew(span)[day, opd.pk].numbers
        return counts

    def closes() -> bool:
        return days.close_due(now=tomorrow) == 1

    def treated() -> int:
        return told().of(f"outcome {Outcome.TREATED}")

    assert closes()
    assert (treated(), told().rated) == (1, 0)
    consultations.give_feedback(consultation=issued.consultation, stars=4, text="", now=tomorrow)
    assert (told().rated, told().stars) == (1, 4.0)
    assert closes()
    consultations.give_feedback(consultation=issued.consultation, stars=2, text="", now=tomorrow)
    assert (told().rated, told().stars) == (1, 2.0)
    assert closes()
    better = replace(written, advice="Rest")
    amended = prescriptions.amend(prescription=issued, doctor=dr_rao, written=better, reason="Advice", now=tomorrow)
    assert treated() == 1
    assert closes()
    refused = replace(written, lines=(line("azithromycin-tablet-500-mg", "1-0-0"),))
    with pytest.raises(NotAllowed):
        prescriptions.amend(prescription=amended, doctor=dr_rao, written=refused, reason="Cough", now=tomorrow)
    assert [kind for kind in told().numbers if kind.startswith("refused ")]
    assert closes()
    prescriptions.revoke(prescription=amended, doctor=dr_rao, reason="A mistake", now=tomorrow)
    assert treated() == 0
    assert closes()
    assert treated() == 0


def test_what_comes_while_a_day_is_counted_is_not_lost(
    issued: Prescription, ten_o_clock: datetime, opd: Opd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted without it, so nothing is closed; the next look counts with it."""
    tomorrow, day = ten_o_clock + NEXT_DAY, issued.consultation.token.day
    rows = days.rows

    def slow(span: Span) -> object:
        found = list(rows(span))
        consultations.give_feedback(consultation=issued.consultation, stars=4, text="", now=tomorrow)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(days, "rows", slow)
        assert days.close_due(now=tomorrow) == 0
    assert days.close_due(now=tomorrow) == 1
    assert days.figures(Span([opd], day, day))[day, opd.pk].rated == 1


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once(asha: Patient, ten_o_clock: datetime) -> None:
    ward = Ward(4, asha, ten_o_clock)
    closed: list[int] = []
    start = threading.Barrier(2)

    def work() -> None:
        try:
            start.wait()
            closed.append(days.close_due(now=ten_o_clock))
        finally:
            connections.close_all()

    both = [threading.Thread(target=work) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sum(closed) == ReportDay.objects.filter(closed_at__isnull=False).count() == 3 * len(ward.opds)
    span = Span(ward.opds, FIRST, FIRST + 2 * NEXT_DAY)
    assert days.figures(span) == anew(span)


def test_a_wrong_row_is_found_and_mended(asha: Patient, ten_o_clock: datetime) -> None:
    ward = Ward(5, asha, ten_o_clock)
    days.close_due(now=ten_o_clock)
    opd = Token.objects.filter(day=FIRST).latest("pk").opd
    ReportDay.objects.filter(day=FIRST, opd=opd).update(numbers={"0": {"token completed": 999}})
    assert days.recount(FIRST, ten_o_clock.date(), now=ten_o_clock) == [FIRST]
    span = Span(ward.opds, FIRST, ten_o_clock.date())
    assert days.figures(span) == anew(span)
    assert days.recount(FIRST, ten_o_clock.date(), now=ten_o_clock) == []


@pytest.fixture
def new_tables(db: None) -> None:
    """Before anybody is in them."""
    as_new()


def test_each_goes_by_an_index(new_tables: None, asha: Patient, ten_o_clock: datetime) -> None:
    ward = Ward(6, asha, ten_o_clock)
    with watched() as statements:
        days.close_due(now=ten_o_clock)
        days.figures(Span(ward.opds, FIRST, ten_o_clock.date(), ward.hospitals[0]))
        days.reopen([(FIRST, ward.opds[0].pk)])
    assert len(statements) > 10
    assert "\n".join(f"{faults}: {sql}" for sql, params in statements if (faults := scans((sql, params)))) == ""


def test_a_report_of_closed_days_counts_no_token_of_them(
    hqs: Client,
    asha: Patient,
    ten_o_clock: datetime,
    at_ten: datetime,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    Ward(7, asha, ten_o_clock)
    days.close_due(now=ten_o_clock)
    asked = {"frm": str(FIRST), "to": str(ten_o_clock.date() - NEXT_DAY), "by": "opd"}
    with watched() as statements:
        closed = hqs.get(reverse("office:reports_csv"), asked)
    assert not [sql for sql, _params in statements if '"tokens_token"' in sql]
    with django_assert_max_num_queries(8):
        hqs.get(reverse("office:reports"), asked | {"to": str(ten_o_clock.date())})
    ReportDay.objects.all().delete()
    assert hqs.get(reverse("office:reports_csv"), asked).content == closed.content
