"""Answer, end, put back, complete, leave; lines, files, evidence."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from sehat.audit.models import Entry
from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.consultation import queries, services
from sehat.consultation.errors import (
    ConsultationOver,
    EmptyMessage,
    MessageTooLong,
    TooManyFiles,
    TooManyMessages,
)
from sehat.consultation.models import CallEvidence, ChatMessage, Consultation
from sehat.consultation.rules import MOST_FILES, MOST_MESSAGES, Evidence, Mode, Outcome, PutBack, Side
from sehat.desk import services as desk
from sehat.desk.errors import CallGone, DeskBusy
from sehat.registration.models import Patient
from sehat.tokens.models import TokenMove
from sehat.tokens.records import CleanFile
from sehat.tokens.rules import State, Why
from sehat.waiting.models import Call

pytestmark = pytest.mark.django_db

REPORT = CleanFile(data=b"%PDF-1.7", kind="pdf", name="blood.pdf", size=8, sha256="0" * 64)


def state_of(doctor: Doctor) -> str:
    return Doctor.objects.get(pk=doctor.pk).state


def test_answer_brings_token_and_doctor_into_consultation(met: Consultation, dr_rao: Doctor) -> None:
    met.token.refresh_from_db()
    assert met.token.state == State.CONSULTING
    assert state_of(dr_rao) == DoctorState.CONSULTING
    assert queries.open_of_doctor(dr_rao) == met
    assert Entry.objects.filter(action="consultation.start").count() == 1


def test_a_call_is_answered_once(met: Consultation, ten_o_clock: datetime) -> None:
    with pytest.raises(CallGone):
        services.answer(call=Call.objects.get(), now=ten_o_clock)
    assert Consultation.objects.count() == 1


def test_the_database_keeps_one_open_consultation(met: Consultation, ten_o_clock: datetime) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Consultation.objects.create(token=met.token, doctor=met.doctor, started_at=ten_o_clock)


def test_a_call_may_end_before_the_prescription(met: Consultation, ten_o_clock: datetime) -> None:
    services.end_call(consultation=met, now=ten_o_clock + timedelta(minutes=4))
    services.end_call(consultation=met, now=ten_o_clock + timedelta(minutes=9))
    met.refresh_from_db()
    assert met.call_ended_at == ten_o_clock + timedelta(minutes=4)
    assert queries.standing(met).call == "ended"
    assert not queries.standing(met).over
    assert met.token.state == State.CONSULTING


@pytest.mark.parametrize("reason", [PutBack.LINE, PutBack.ABSENT, PutBack.LATER])
def test_put_back_keeps_the_turn_key_and_frees_the_doctor(
    reason: PutBack, met: Consultation, dr_rao: Doctor, ten_o_clock: datetime
) -> None:
    key = met.token.turn_key
    services.put_back(consultation=met, reason=reason, now=ten_o_clock + timedelta(minutes=2))
    met.token.refresh_from_db()
    assert met.token.state == State.WAITING
    assert met.token.turn_key == key
    assert state_of(dr_rao) == DoctorState.AVAILABLE
    assert TokenMove.objects.order_by("-id")[0].why == Why.PUT_BACK
    assert met.outcome == Outcome.PUT_BACK
    assert queries.open_of_patient(met.token.patient) is None


def test_a_patient_who_was_put_back_meets_the_next_doctor_anew(
    met: Consultation,
    dr_rao: Doctor,
    ten_o_clock: datetime,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.PUT_BACK_REST_SECONDS = 60
    with django_capture_on_commit_callbacks(execute=True):
        services.put_back(consultation=met, reason=PutBack.LATER, now=ten_o_clock)
    assert state_of(dr_rao) == DoctorState.AVAILABLE, "the line rests before it is tried again"
    desk.sweep(now=ten_o_clock + timedelta(minutes=1))
    call = Call.objects.order_by("-id")[0]
    assert call.token == met.token
    assert state_of(dr_rao) == DoctorState.CALLING


def test_completed_uses_the_token_up_and_the_call_goes_on(
    met: Consultation, dr_rao: Doctor, ten_o_clock: datetime
) -> None:
    services.complete(consultation=met, now=ten_o_clock)
    met.token.refresh_from_db()
    assert met.token.state == State.COMPLETED
    standing = queries.standing(met)
    assert standing.completed and standing.call == "on" and not standing.over
    assert state_of(dr_rao) == DoctorState.CONSULTING


def test_the_doctor_leaves_a_completed_consultation(met: Consultation, dr_rao: Doctor, ten_o_clock: datetime) -> None:
    services.complete(consultation=met, now=ten_o_clock)
    services.finish(consultation=met, now=ten_o_clock + timedelta(minutes=1))
    met.refresh_from_db()
    assert met.ended_at == met.call_ended_at == ten_o_clock + timedelta(minutes=1)
    assert state_of(dr_rao) == DoctorState.AVAILABLE


def test_available_at_the_desk_leaves_what_is_completed(
    met: Consultation, dr_rao: Doctor, ten_o_clock: datetime
) -> None:
    with pytest.raises(DeskBusy):
        desk.go_available(doctor=dr_rao, now=ten_o_clock)
    services.complete(consultation=met, now=ten_o_clock)
    desk.go_available(doctor=dr_rao, now=ten_o_clock)
    assert state_of(dr_rao) == DoctorState.AVAILABLE


@pytest.mark.parametrize("verb", ["complete", "put_back", "finish"])
def test_nothing_follows_the_end(verb: str, met: Consultation, ten_o_clock: datetime) -> None:
    services.put_back(consultation=met, reason=PutBack.ABSENT, now=ten_o_clock)
    more = {"reason": PutBack.LINE} if verb == "put_back" else {}
    with pytest.raises(ConsultationOver):
        getattr(services, verb)(consultation=met, now=ten_o_clock, **more)


def test_without_prescription_the_doctor_cannot_leave(met: Consultation, ten_o_clock: datetime) -> None:
    with pytest.raises(ConsultationOver):
        services.finish(consultation=met, now=ten_o_clock)


def test_with_prescription_nobody_is_put_back(met: Consultation, ten_o_clock: datetime) -> None:
    services.complete(consultation=met, now=ten_o_clock)
    with pytest.raises(ConsultationOver):
        services.put_back(consultation=met, reason=PutBack.LINE, now=ten_o_clock)


def test_lines_have_limits(met: Consultation) -> None:
    assert services.say(consultation=met, side=Side.PATIENT, text="a" * 1998 + "\r\nb").text.endswith("\nb")
    with pytest.raises(MessageTooLong):
        services.say(consultation=met, side=Side.PATIENT, text="a" * 2001)
    for nothing in ("", "  \r\n ", "\0"):
        with pytest.raises(EmptyMessage):
            services.say(consultation=met, side=Side.DOCTOR, text=nothing)


def test_one_side_cannot_flood_the_other(met: Consultation) -> None:
    ChatMessage.objects.bulk_create(
        ChatMessage(consultation=met, side=Side.PATIENT, text="hello") for _ in range(MOST_MESSAGES)
    )
    with pytest.raises(TooManyMessages):
        services.say(consultation=met, side=Side.PATIENT, text="hello")
    services.say(consultation=met, side=Side.DOCTOR, text="I read you.")


def test_files_are_kept_with_the_token(met: Consultation) -> None:
    line = services.send_file(consultation=met, side=Side.DOCTOR, record=REPORT)
    assert line.record is not None
    assert line.record.token == met.token
    assert queries.record(met, Side.PATIENT, line.record.ref) == line.record
    for _ in range(MOST_FILES - 1):
        services.send_file(consultation=met, side=Side.DOCTOR, record=REPORT)
    with pytest.raises(TooManyFiles):
        services.send_file(consultation=met, side=Side.DOCTOR, record=REPORT)
    services.send_file(consultation=met, side=Side.PATIENT, record=REPORT)


def test_nothing_is_written_after_the_end(met: Consultation, ten_o_clock: datetime) -> None:
    services.put_back(consultation=met, reason=PutBack.LINE, now=ten_o_clock)
    with pytest.raises(ConsultationOver):
        services.say(consultation=met, side=Side.PATIENT, text="Wait!")
    with pytest.raises(ConsultationOver):
        services.send_file(consultation=met, side=Side.PATIENT, record=REPORT)


def test_a_stranger_finds_nothing(met: Consultation, meera: Patient, dr_iyer: Doctor) -> None:
    assert queries.of_patient(meera, met.ref) is None
    assert queries.of_doctor(dr_iyer.staff_id, met.ref) is None


seconds = st.integers(min_value=0, max_value=400)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Side), seconds, seconds, st.integers(0, 9), seconds), min_size=1, max_size=6))
def test_evidence_only_grows_and_never_beyond_the_clock(
    met: Consultation, ten_o_clock: datetime, reports: list[tuple[Side, int, int, int, int]]
) -> None:
    CallEvidence.objects.all().delete()
    known = {side: Evidence() for side in Side}
    for side, video, audio, drops, after in reports:
        moment = ten_o_clock + timedelta(seconds=after)
        services.report(consultation=met, side=side, reported=Evidence(video, audio, drops), now=moment)
        kept, before = queries.evidence(met, side), known[side]
        assert kept.video == max(before.video, min(video, after))
        assert kept.audio == max(before.audio, min(audio, after))
        assert kept.drops == max(before.drops, min(drops, after))
        known[side] = kept


def test_a_report_long_after_the_end_is_dropped(met: Consultation, ten_o_clock: datetime) -> None:
    end = ten_o_clock + timedelta(seconds=90)
    services.end_call(consultation=met, now=end)
    for side in Side:
        services.report(consultation=met, side=side, reported=Evidence(999, 999, 0), now=end + timedelta(seconds=5))
    assert queries.evidence(met, Side.DOCTOR) == Evidence(90, 90, 0)
    assert queries.mode_achieved(met) is Mode.VIDEO
    CallEvidence.objects.all().delete()
    services.report(consultation=met, side=Side.PATIENT, reported=Evidence(90, 90, 0), now=end + timedelta(hours=1))
    assert queries.evidence(met, Side.PATIENT) == Evidence()


def test_a_doctor_who_is_gone_for_ten_minutes_keeps_nobody_waiting(
    met: Consultation, dr_rao: Doctor, ten_o_clock: datetime
) -> None:
    key = met.token.turn_key
    services.seen(consultation=met, now=ten_o_clock + timedelta(minutes=5))
    assert services.sweep(now=ten_o_clock + timedelta(minutes=14)) == 0
    assert services.sweep(now=ten_o_clock + timedelta(minutes=16)) == 1
    met.token.refresh_from_db()
    assert (met.token.state, met.token.turn_key) == (State.WAITING, key)
    assert TokenMove.objects.order_by("-id")[0].why == Why.DOCTOR_LEFT
    assert state_of(dr_rao) == DoctorState.PAUSED
    assert services.sweep(now=ten_o_clock + timedelta(minutes=17)) == 0


def test_a_doctor_who_left_after_the_prescription_is_only_paused(
    met: Consultation, dr_rao: Doctor, ten_o_clock: datetime
) -> None:
    services.complete(consultation=met, now=ten_o_clock)
    assert services.sweep(now=ten_o_clock + timedelta(minutes=11)) == 1
    met.refresh_from_db()
    assert met.outcome == Outcome.COMPLETED
    assert met.ended_at is not None
    assert state_of(dr_rao) == DoctorState.PAUSED


def test_the_consent_implied_by_call_now_is_recorded(met: Consultation, ten_o_clock: datetime) -> None:
    details = Entry.objects.get(action="consultation.start").details
    assert (details["consent"], details["consent_at"]) == ("implied", ten_o_clock.isoformat())
