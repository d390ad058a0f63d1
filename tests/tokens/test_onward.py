"""From one token to the next: referral, follow-up, coming back, emergency."""

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from sehat.clinic.models import Doctor, Opd
from sehat.clinic.rules import DoctorState
from sehat.desk import services as desk
from sehat.kernel.clock import INDIA, india_day
from sehat.notices.models import Notice
from sehat.registration.models import Patient
from sehat.tokens import onward, queries, services
from sehat.tokens.errors import CannotCancel, ReferralNeeded, TokenMovedOn
from sehat.tokens.models import ComeBack, FollowUp, Token
from sehat.tokens.records import take
from sehat.tokens.rules import By, RedFlag, State, Why
from sehat.waiting import queries as waiting_queries
from sehat.waiting import services as waiting
from tests.conftest import IssueToken
from tests.tokens.files import pdf, upload

pytestmark = pytest.mark.django_db


def completed(token: Token, now: datetime) -> Token:
    """The token after a consultation that took ten minutes."""
    services.move(token, State.CALLED, why=Why.DOCTOR_FREE, by=By.PORTAL, now=now)
    services.move(token, State.CONSULTING, why=Why.ANSWERED, by=By.DOCTOR, now=now)
    services.move(token, State.COMPLETED, why=Why.PRESCRIBED, by=By.DOCTOR, now=now + timedelta(minutes=10))
    return token


def test_a_referral_is_a_token_at_once_with_note_complaint_and_records(
    asha: Patient, opd: Opd, medicine: Opd, dr_rao: Doctor, ten_o_clock: datetime
) -> None:
    with services.stored([take(upload(pdf()))], day=india_day(ten_o_clock), by=By.PATIENT) as report:
        token = services.issue(
            patient=asha, opd=opd, complaint="Cough", duration="3 weeks", records=report, now=ten_o_clock
        )
    services.join(token=token, now=ten_o_clock)
    referral = onward.refer(token=completed(token, ten_o_clock), to=medicine, note="TB?", by=dr_rao, now=ten_o_clock)
    assert referral.code.startswith("M001-")
    assert (referral.complaint, referral.referral_note, referral.credit) == ("Cough", "TB?", 20)
    assert [record.name for record in queries.records_of(referral)] == ["report.pdf"]
    assert queries.open_token_of(asha) == referral
    assert referral.code in Notice.objects.get(kind="referred", channel="sms").text


def test_a_referral_after_hours_is_for_the_next_opd_day(
    asha: Patient, medicine: Opd, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime, settings: Settings
) -> None:
    settings.OPEN_AT_ANY_HOUR = False
    token = completed(issue_token(asha, joined=True), ten_o_clock)
    evening = ten_o_clock + timedelta(hours=8)
    referral = onward.refer(token=token, to=medicine, note="", by=dr_rao, now=evening)
    assert referral.day == india_day(ten_o_clock) + timedelta(days=1)
    assert referral.expires_at.astimezone(INDIA).hour == 17


def test_a_follow_up_opens_the_specialists_opd_once(
    asha: Patient, medicine: Opd, dr_nair: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = completed(issue_token(asha, joined=True), ten_o_clock)
    right = onward.ask_back(token=token, doctor=dr_nair, on=india_day(ten_o_clock) + timedelta(days=7))
    later = ten_o_clock + timedelta(days=8)

    def again(follow_up: FollowUp | None) -> Token:
        return services.issue(
            patient=asha,
            opd=medicine,
            complaint="Again",
            duration="",
            records=[],
            now=later,
            follow_up=follow_up,
        )

    assert not queries.follow_ups_of(asha, today=india_day(ten_o_clock)).exists()
    assert list(queries.follow_ups_of(asha, today=india_day(later))) == [right]
    with pytest.raises(ReferralNeeded):
        again(None)
    follow_up = again(right)
    assert follow_up.doctor == dr_nair
    services.cancel(token=follow_up, now=later)
    with pytest.raises(TokenMovedOn):
        again(right)


def test_a_follow_up_waits_for_its_doctor_and_goes_to_another_only_when_that_one_is_away(
    asha: Patient, dr_rao: Doctor, dr_iyer: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    token = issue_token(asha, joined=True)
    Token.objects.filter(pk=token.pk).update(doctor=dr_rao)
    soon, later = ten_o_clock + timedelta(minutes=5), ten_o_clock + timedelta(minutes=16)
    assert waiting_queries.head_for(dr_iyer, now=soon) is None
    assert waiting_queries.head_for(dr_iyer, now=later) is not None
    Doctor.objects.filter(pk=dr_rao.pk).update(state=DoctorState.CONSULTING)
    assert waiting_queries.head_for(dr_iyer, now=later) is None
    assert waiting_queries.head_for(dr_rao, now=soon) is not None


def test_a_follow_up_of_a_busy_doctor_does_not_hold_up_the_others(
    asha: Patient, mohan: Patient, dr_rao: Doctor, dr_iyer: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    bound, free = issue_token(asha, joined=True), issue_token(mohan, now=ten_o_clock + timedelta(hours=1), joined=True)
    Token.objects.filter(pk=bound.pk).update(doctor=dr_rao)
    Doctor.objects.filter(pk=dr_rao.pk).update(state=DoctorState.CONSULTING)
    desk.go_available(doctor=dr_iyer, now=ten_o_clock + timedelta(hours=1))
    bound.refresh_from_db()
    free.refresh_from_db()
    assert (bound.state, free.state) == (State.WAITING, State.CALLED)


def test_a_red_flag_puts_the_patient_first(
    asha: Patient, meera: Patient, opd: Opd, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    first = issue_token(meera, joined=True)
    later = ten_o_clock + timedelta(hours=2)
    emergency = services.issue(
        patient=asha,
        opd=opd,
        complaint="Chest pain",
        duration="",
        records=[],
        red_flags=[RedFlag.CHEST_PAIN],
        now=later,
    )
    services.join(token=emergency, now=later)
    assert list(waiting_queries.line(opd)) == [emergency, first]
    assert emergency.is_emergency
    assert emergency.red_flag_sentences == ["Chest pain or pressure, or pain going to the arm or jaw"]


def four_oclock(ten_o_clock: datetime) -> datetime:
    """An hour before closing."""
    return ten_o_clock + timedelta(hours=6)


def test_without_a_doctor_the_line_is_told_an_hour_before_closing_and_once(
    asha: Patient, issue_token: IssueToken, ten_o_clock: datetime, settings: Settings
) -> None:
    settings.OPEN_AT_ANY_HOUR = False
    token = issue_token(asha, joined=True)
    four = four_oclock(ten_o_clock)
    assert waiting.tell_closing(now=four - timedelta(minutes=1)) == 0
    assert waiting.tell_closing(now=four) == 1
    assert waiting.tell_closing(now=four + timedelta(minutes=1)) == 0
    token.refresh_from_db()
    assert token.closing_told_at == four
    assert "17:00" in Notice.objects.get(kind="closing_soon", channel="sms").text


def test_only_those_who_may_not_be_reached_are_told(
    asha: Patient,
    meera: Patient,
    mohan: Patient,
    dr_rao: Doctor,
    issue_token: IssueToken,
    ten_o_clock: datetime,
    settings: Settings,
) -> None:
    """One doctor, thirty minutes a patient, one hour left: the third in line may not be reached."""
    settings.OPEN_AT_ANY_HOUR = False
    four = four_oclock(ten_o_clock)
    for number in range(3):
        other = Patient.objects.get(pk=asha.pk)
        other.pk, other.mobile, other.patient_id = None, f"987650000{number}", f"{number:012d}"
        other.save()
        served = completed(issue_token(other, joined=True), four)
        Token.objects.filter(pk=served.pk).update(
            consulting_at=four - timedelta(minutes=40), moved_at=four - timedelta(minutes=10)
        )
    Doctor.objects.filter(pk=dr_rao.pk).update(state=DoctorState.CONSULTING)
    head = issue_token(mohan, joined=True)
    second = issue_token(asha, joined=True)
    third = issue_token(meera, now=ten_o_clock + timedelta(hours=1), joined=True)
    assert waiting.tell_closing(now=four) == 1
    told = set(Token.objects.exclude(closing_told_at=None))
    assert told == {third}
    assert {head, second} & told == set()


def test_who_comes_back_stands_thirty_minutes_ahead_once(
    asha: Patient, opd: Opd, issue_token: IssueToken, ten_o_clock: datetime, settings: Settings
) -> None:
    settings.OPEN_AT_ANY_HOUR = False
    token = issue_token(asha, joined=True)
    with pytest.raises(CannotCancel):
        onward.come_back(token=token, now=ten_o_clock)
    four = four_oclock(ten_o_clock)
    waiting.tell_closing(now=four)
    token.refresh_from_db()
    onward.come_back(token=token, now=four)
    assert queries.moves_of(token)[0].why == Why.COME_BACK
    tomorrow = ten_o_clock + timedelta(days=1)
    again = issue_token(asha, now=tomorrow, joined=True)
    assert again.turn_key == tomorrow - timedelta(minutes=30)
    services.cancel(token=again, now=tomorrow)
    assert issue_token(asha, now=tomorrow).credit == 0
    assert ComeBack.objects.get().token == again


def test_who_was_put_back_keeps_the_place_but_rests_a_minute(
    asha: Patient, mohan: Patient, dr_rao: Doctor, issue_token: IssueToken, ten_o_clock: datetime
) -> None:
    head = issue_token(asha, joined=True)
    other = issue_token(mohan, now=ten_o_clock + timedelta(hours=1), joined=True)
    Token.objects.filter(pk=head.pk).update(rests_until=ten_o_clock + timedelta(minutes=1))
    assert waiting_queries.head_for(dr_rao, now=ten_o_clock) == other
    assert waiting_queries.ahead(head) == 0
    assert waiting_queries.head_for(dr_rao, now=ten_o_clock + timedelta(minutes=1)) == head
