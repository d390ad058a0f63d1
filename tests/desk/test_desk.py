"""The doctor's desk: who is free is given the head of the line."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, models, transaction
from pytest_django import Settings

from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.desk import services as desk
from sehat.desk.errors import CallGone, DeskBusy
from sehat.desk.queries import open_call_of
from sehat.notices.models import Notice
from sehat.registration.models import Patient
from sehat.tokens import services as tokens
from sehat.tokens.errors import TokenMovedOn
from sehat.tokens.models import Token
from sehat.tokens.queries import moves_of
from sehat.tokens.rules import State
from sehat.waiting import queries
from sehat.waiting import services as waiting
from sehat.waiting.models import Call
from sehat.waiting.rules import CallState
from tests.conftest import IssueToken
from tests.crowd import TEN, one_opd
from tests.plans import watched

pytestmark = pytest.mark.django_db(transaction=True)

TWO_MINUTES = timedelta(seconds=120)


def fresh[Row: models.Model](thing: Row) -> Row:
    """As the database has it now."""
    thing.refresh_from_db()
    return thing


def call_at(doctor: Doctor) -> Call:
    """The call that stands at the doctor's desk."""
    call = open_call_of(doctor)
    assert call is not None
    return call


def last_reason(token: Token) -> str:
    """Why the token moved last."""
    return moves_of(token)[0].why


def ring(token: Token, now: datetime) -> Call:
    """The patient pressed Call Now; the call as the desk reads it."""
    waiting.press_call_now(token=fresh(token), now=now)
    return Call.objects.select_related("token__patient", "doctor").get(token=token, state=CallState.RINGING)


def test_the_head_of_the_line_is_called(
    asha: Patient, meera: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    second, head = issue_token(asha, joined=True), issue_token(meera, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    assert fresh(head).state == State.CALLED
    assert fresh(second).state == State.WAITING
    assert fresh(dr_rao).state == DoctorState.CALLING
    assert Notice.objects.filter(kind="call_now", to=meera.mobile).exists()


def test_who_joins_while_a_doctor_is_free_is_called_at_once(
    asha: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    assert fresh(issue_token(asha, joined=True)).state == State.CALLED


def test_the_longest_free_doctor_comes_first(
    asha: Patient, dr_rao: Doctor, dr_iyer: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    desk.go_available(doctor=dr_iyer, now=ten_o_clock)
    desk.go_available(doctor=dr_rao, now=ten_o_clock + timedelta(minutes=1))
    issue_token(asha, joined=True)
    assert (fresh(dr_iyer).state, fresh(dr_rao).state) == (DoctorState.CALLING, DoctorState.AVAILABLE)


def test_a_missed_call_sends_asha_to_the_back(
    asha: Patient, mohan: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    other = issue_token(mohan, joined=True)
    missed_at = ten_o_clock + TWO_MINUTES
    desk.sweep(now=missed_at)
    assert (fresh(token).state, token.turn_key) == (State.WAITING, missed_at)
    assert fresh(other).state == State.CALLED
    assert last_reason(token) == "missed"
    notice = Notice.objects.get(kind="call_missed", channel="sms")
    assert notice.to == asha.mobile


def test_by_policy_the_first_miss_falls_behind_two_and_the_second_behind_all(
    asha: Patient,
    meera: Patient,
    mohan: Patient,
    dr_rao: Doctor,
    issue_token: IssueToken,
    ten_o_clock: datetime,
    settings: Settings,
) -> None:
    settings.FIRST_MISS_FALLS_BEHIND = 2
    token = issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    desk.pause(doctor=dr_rao, now=ten_o_clock)
    others = [issue_token(patient, now=ten_o_clock + timedelta(minutes=15), joined=True) for patient in (meera, mohan)]
    twin = Patient.objects.get(pk=asha.pk)
    twin.pk, twin.mobile, twin.patient_id = None, "9876500000", "000000000000"
    twin.save()
    last = issue_token(twin, now=ten_o_clock + timedelta(minutes=15), joined=True)
    line = queries.line(token.opd)
    assert list(line) == [token, *others, last]
    now = ten_o_clock + timedelta(minutes=20)
    desk.go_available(doctor=dr_rao, now=now)
    desk.sweep(now=now + TWO_MINUTES)
    called = Call.objects.get(state=CallState.SUMMONED).token
    assert [called, *line.all()] == [*others, token, last]
    Call.objects.filter(token=token).update(state=CallState.MISSED)
    for _ in range(2):
        now += timedelta(minutes=5)
        desk.sweep(now=now)
    assert fresh(token).state == State.CALLED
    desk.sweep(now=now + timedelta(minutes=5))
    assert line.last() == token


def test_alone_in_the_line_a_missed_patient_is_called_again(
    asha: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    desk.sweep(now=ten_o_clock + TWO_MINUTES)
    assert fresh(token).state == State.CALLED
    assert Call.objects.filter(token=token).count() == 2


def test_a_silent_doctor_is_paused_and_the_patient_goes_to_the_next(
    asha: Patient, dr_rao: Doctor, dr_iyer: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    ring(token, ten_o_clock)
    desk.go_available(doctor=dr_iyer, now=ten_o_clock)
    desk.sweep(now=ten_o_clock + timedelta(seconds=30))
    assert (fresh(dr_rao).state, dr_rao.paused_because) == (DoctorState.PAUSED, "unanswered")
    assert fresh(token).state == State.CALLED
    assert call_at(dr_iyer).token == token


def test_a_silent_doctor_alone_leaves_the_patient_at_the_head(
    asha: Patient, mohan: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    later = issue_token(mohan, now=ten_o_clock + timedelta(minutes=20), joined=True)
    ring(token, ten_o_clock)
    desk.sweep(now=ten_o_clock + timedelta(seconds=30))
    assert (fresh(token).state, token.turn_key) == (State.WAITING, ten_o_clock)
    assert fresh(later).state == State.WAITING


def test_answering_brings_both_into_consultation(
    asha: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    desk.take(call=ring(token, ten_o_clock), now=ten_o_clock)
    assert fresh(token).state == State.CONSULTING
    assert fresh(dr_rao).state == DoctorState.CONSULTING


def test_a_call_cannot_be_answered_before_it_rings_nor_twice(
    asha: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    with pytest.raises(CallGone):
        desk.take(call=call_at(dr_rao), now=ten_o_clock)
    call, again = ring(token, ten_o_clock), call_at(dr_rao)
    desk.take(call=call, now=ten_o_clock)
    with pytest.raises(TokenMovedOn), transaction.atomic():
        desk.take(call=again, now=ten_o_clock)


@pytest.mark.parametrize("leave", [desk.pause, desk.end_shift])
def test_a_doctor_who_leaves_hands_the_call_back_to_the_head(
    leave: Callable[..., None],
    asha: Patient,
    mohan: Patient,
    dr_rao: Doctor,
    issue_token: IssueToken,
    ten_o_clock: datetime,
) -> None:
    token = issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    leave(doctor=dr_rao, now=ten_o_clock + timedelta(seconds=10))
    assert (fresh(token).state, token.turn_key) == (State.WAITING, ten_o_clock)
    assert last_reason(token) == "doctor_left"
    assert not Call.objects.filter(state__in=["summoned", "ringing"]).exists()


def test_a_doctor_in_consultation_cannot_leave(
    asha: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    desk.take(call=ring(token, ten_o_clock), now=ten_o_clock)
    for verb in (desk.pause, desk.end_shift, desk.go_available):
        with pytest.raises(DeskBusy):
            verb(doctor=dr_rao, now=ten_o_clock)


def test_a_patient_who_cancels_out_of_a_call_frees_the_doctor(
    asha: Patient, mohan: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    other = issue_token(mohan, now=ten_o_clock + timedelta(minutes=20), joined=True)
    tokens.cancel(token=fresh(token), now=ten_o_clock)
    assert fresh(other).state == State.CALLED
    assert call_at(fresh(dr_rao)).token == other


def test_the_database_refuses_a_second_patient_for_a_doctor_and_a_second_doctor_for_a_patient(
    asha: Patient,
    meera: Patient,
    dr_rao: Doctor,
    dr_iyer: Doctor,
    issue_token: IssueToken,
    ten_o_clock: datetime,
) -> None:
    ashas, meeras = issue_token(asha, joined=True), issue_token(meera, joined=True)
    Call.objects.create(token=ashas, doctor=dr_rao, made_at=ten_o_clock, deadline=ten_o_clock)
    for token, doctor in ((ashas, dr_iyer), (meeras, dr_rao)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Call.objects.create(token=token, doctor=doctor, made_at=ten_o_clock, deadline=ten_o_clock)


def test_to_look_for_a_patient_costs_the_same_however_many_doctors_are_free() -> None:
    opd, doctors, (first, second, *_) = one_opd(doctors=8, patients=2)
    busy, *free = doctors
    # Somebody waits, but for the one doctor who is busy.
    own = tokens.issue(patient=first, opd=opd, complaint="Fever", duration="", records=[], now=TEN)
    Token.objects.filter(pk=own.pk).update(doctor=busy)
    own.refresh_from_db()
    desk.go_available(doctor=busy, now=TEN)
    desk.turn(busy, DoctorState.CALLING, now=TEN)
    tokens.join(token=own, now=TEN)
    asked = []
    for few in (free[:1], free[1:]):
        for doctor in few:
            desk.go_available(doctor=doctor, now=TEN)
        with watched() as questions:
            assert desk.match(opd=opd.pk, now=TEN) == 0
        asked.append(len(questions))
    assert asked[0] == asked[1] <= 2
    # Whoever comes behind is called to the desk that has been free the longest.
    other = tokens.issue(patient=second, opd=opd, complaint="Cough", duration="", records=[], now=TEN)
    tokens.join(token=other, now=TEN)
    assert Call.objects.get().doctor == free[0]
