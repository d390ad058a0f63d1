"""An invitation that nobody answers: it ends by itself, the asking doctor is told, the desk stops ringing."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from pytest_django import DjangoCaptureOnCommitCallbacks

from sehat.audit.models import Entry
from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.consultation import invitations, inviting
from sehat.consultation.errors import InvitationGone
from sehat.consultation.models import Consultation, Invitation
from sehat.consultation.rules import OPEN_INVITATION, UNANSWERED, Invited
from sehat.kernel.errors import Refusal
from sehat.live import topics
from sehat.live.hub import hub
from sehat.tokens.models import Token
from tests.consultation.conftest import logged_in

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
TEN = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


@pytest.fixture
def asked(met: Consultation, dr_iyer: Doctor, ten_o_clock: datetime) -> Invitation:
    """Asha has been asked whether Dr Iyer, who is at the desk, may come in."""
    Doctor.objects.filter(pk=dr_iyer.pk).update(state=DoctorState.AVAILABLE)
    return inviting.invite(consultation=met, doctor=dr_iyer, now=ten_o_clock)


@pytest.fixture
def ringing(asked: Invitation, ten_o_clock: datetime) -> Invitation:
    """Asha has said yes after half a minute."""
    inviting.answer(invitation=asked, agreed=True, now=ten_o_clock + MINUTE / 2)
    return asked


def _words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def _state(invitation: Invitation) -> str:
    return Invitation.objects.get(pk=invitation.pk).state


def test_a_patient_who_is_silent_for_a_minute_is_not_asked_for_ever(
    asked: Invitation,
    met: Consultation,
    dr_iyer: Doctor,
    ten_o_clock: datetime,
    doctors_browser: Client,
    patients_browser: Client,
) -> None:
    assert inviting.sweep(now=ten_o_clock + MINUTE - SECOND) == 0
    assert inviting.sweep(now=ten_o_clock + MINUTE) == 1
    assert inviting.sweep(now=ten_o_clock + MINUTE) == 0
    asked.refresh_from_db()
    assert (asked.state, asked.answered_at, asked.ended_at) == (Invited.SILENT, None, ten_o_clock + MINUTE)
    entry = Entry.objects.get(action="consultation.no_answer")
    assert (entry.actor, entry.details) == ("portal", {"state": "silent"})
    assert "No answer from the patient" in _words(doctors_browser.get(reverse("consultation:doctor", args=[met.ref])))
    page = _words(patients_browser.get(reverse("consultation:room", args=[met.ref])))
    assert f"{dr_iyer} is not asked to come in" in page
    assert "Yes, I agree" not in page


def test_a_desk_rings_for_a_minute_from_the_yes(
    ringing: Invitation, met: Consultation, dr_iyer: Doctor, ten_o_clock: datetime, doctors_browser: Client
) -> None:
    said_yes, guest = ten_o_clock + MINUTE / 2, logged_in(doctor=dr_iyer)
    assert inviting.sweep(now=said_yes + MINUTE - SECOND) == 0
    assert "data-rings" in _words(guest.get(reverse("consultation:ringing")))
    assert inviting.sweep(now=said_yes + MINUTE) == 1
    assert _state(ringing) == Invited.MISSED
    assert "data-rings" not in _words(guest.get(reverse("consultation:ringing")))
    page = _words(doctors_browser.get(reverse("consultation:doctor", args=[met.ref])))
    assert f"No answer from {dr_iyer}." in page
    assert f'<option value="{dr_iyer.pk}" selected>' in page
    with pytest.raises(InvitationGone):
        inviting.join(invitation=ringing, now=said_yes + MINUTE)
    dr_iyer.refresh_from_db()
    assert dr_iyer.state == DoctorState.AVAILABLE


def test_who_was_away_is_told_afterwards_in_one_line_that_can_be_put_away(
    ringing: Invitation, met: Consultation, dr_rao: Doctor, dr_iyer: Doctor, dr_nair: Doctor, ten_o_clock: datetime
) -> None:
    guest, desk, line = logged_in(doctor=dr_iyer), reverse("consultation:ringing"), "You did not answer in time."
    assert line not in _words(guest.get(desk)), "it rings"
    inviting.sweep(now=ten_o_clock + 2 * MINUTE)
    page = _words(guest.get(desk))
    assert f"{dr_rao} (General OPD) asked you into a call on 23 Nov, 10:00. You did not answer in time." in page
    assert "Asha" not in page
    assert line not in _words(logged_in(doctor=dr_nair).get(desk)), "somebody else's"
    put_away = reverse("consultation:put_away")
    logged_in(doctor=dr_nair).post(put_away, {"newest": ringing.pk})
    assert line in _words(guest.get(desk)), "nobody else puts it away"
    assert line not in _words(guest.post(put_away, {"newest": ringing.pk}, headers={"HX-Request": "true"}))
    assert guest.post(put_away, {"newest": ringing.pk}).status_code == 302
    assert line not in _words(guest.get(desk))


def test_what_was_missed_after_the_page_was_shown_is_not_put_away_with_it(
    ringing: Invitation, met: Consultation, dr_iyer: Doctor, ten_o_clock: datetime
) -> None:
    inviting.sweep(now=ten_o_clock + 2 * MINUTE)
    second = inviting.invite(consultation=met, doctor=dr_iyer, now=ten_o_clock + 3 * MINUTE)
    inviting.answer(invitation=second, agreed=True, now=ten_o_clock + 3 * MINUTE)
    inviting.sweep(now=ten_o_clock + 5 * MINUTE)
    guest = logged_in(doctor=dr_iyer)
    assert "And 1 call before that." in _words(guest.get(reverse("consultation:ringing")))
    guest.post(reverse("consultation:put_away"), {"newest": ringing.pk})
    page = _words(guest.get(reverse("consultation:ringing")))
    assert "asked you into a call on 23 Nov, 10:03" in page
    assert "before that" not in page


def test_the_same_or_another_doctor_may_be_asked_then(
    ringing: Invitation, met: Consultation, dr_iyer: Doctor, dr_nair: Doctor, ten_o_clock: datetime
) -> None:
    Doctor.objects.filter(pk=dr_nair.pk).update(state=DoctorState.AVAILABLE)
    inviting.sweep(now=ten_o_clock + 2 * MINUTE)
    again = inviting.invite(consultation=met, doctor=dr_iyer, now=ten_o_clock + 2 * MINUTE)
    inviting.sweep(now=ten_o_clock + 3 * MINUTE)
    assert _state(again) == Invited.SILENT
    inviting.invite(consultation=met, doctor=dr_nair, now=ten_o_clock + 3 * MINUTE)


@pytest.mark.parametrize("answered", ["yes", "joined", "taken back"])
def test_who_answers_in_time_is_left_alone(
    ringing: Invitation, met: Consultation, ten_o_clock: datetime, answered: str
) -> None:
    """A sweep that has looked just before the answer changes nothing."""
    looked = Invitation.objects.get(pk=ringing.pk)
    if answered == "taken back":
        inviting.take_back(consultation=met, now=ten_o_clock + MINUTE)
    elif answered == "joined":
        inviting.join(invitation=ringing, now=ten_o_clock + MINUTE)
    else:
        looked.state = Invited.ASKING  # as it stood before the answer
    stood = _state(ringing)
    assert inviting._end_unanswered(looked, now=ten_o_clock + 5 * MINUTE) is False
    assert _state(ringing) == stood
    assert not Entry.objects.filter(action="consultation.no_answer").exists()


def test_page_and_desk_are_told(
    ringing: Invitation,
    met: Consultation,
    dr_iyer: Doctor,
    ten_o_clock: datetime,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    told: list[tuple[str, object]] = []
    monkeypatch.setattr(hub, "publish_from_thread", lambda topic, message: told.append((topic, message["kind"])))
    with django_capture_on_commit_callbacks(execute=True):
        inviting.sweep(now=ten_o_clock + 2 * MINUTE)
    assert told == [(topics.consultation(met.pk), "changed"), (topics.doctor(dr_iyer.pk), "state")]


class ThirdPerson(RuleBasedStateMachine):
    """One call and two doctors who may be asked into it: whatever happens in whatever order, nobody waits for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.now = TEN
        self._transaction = transaction.atomic()
        self._transaction.__enter__()

    def teardown(self) -> None:
        """Take everything back."""
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)

    @initialize(available=st.lists(st.booleans(), min_size=2, max_size=2))
    def the_call_stands(self, available: list[bool]) -> None:
        """Asha with Dr Rao; the others are at their desks, available or in the pause."""
        self.met: Consultation = Consultation.objects.create(
            token=type(self).token, doctor=type(self).rao, started_at=TEN
        )
        self.others = type(self).others
        for doctor, free in zip(self.others, available, strict=True):
            state = DoctorState.AVAILABLE if free else DoctorState.PAUSED
            Doctor.objects.filter(pk=doctor.pk).update(state=state, paused_because="")

    token: Token
    rao: Doctor
    others: list[Doctor]

    def _try(self, act: Callable[..., object], **given: object) -> None:
        with contextlib.suppress(Refusal):
            act(**given, now=self.now)

    def _last(self) -> Invitation | None:
        return invitations.last_invitation(self.met)

    @rule(which=st.integers(0, 1))
    def the_doctor_asks(self, which: int) -> None:
        self._try(inviting.invite, consultation=self.met, doctor=self.others[which])

    @rule(agreed=st.booleans())
    def the_patient_answers(self, agreed: bool) -> None:
        if last := self._last():
            self._try(inviting.answer, invitation=last, agreed=agreed)

    @rule(act=st.sampled_from([inviting.join, inviting.decline, inviting.leave]))
    def the_invited_doctor(self, act: Callable[..., object]) -> None:
        if last := self._last():
            self._try(act, invitation=last)

    @rule()
    def the_doctor_takes_back(self) -> None:
        inviting.take_back(consultation=self.met, now=self.now)

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        inviting.sweep(now=self.now)

    @invariant()
    def nobody_is_asked_and_nothing_rings_for_longer_than_a_minute(self) -> None:
        for waits in Invitation.objects.filter(state__in=[*UNANSWERED]):
            since = waits.asked_at if waits.state == Invited.ASKING else waits.answered_at
            assert since is not None
            assert self.now - since < MINUTE

    @invariant()
    def a_desk_is_paused_for_the_call_it_is_in_only(self) -> None:
        inside = Invitation.objects.filter(state=Invited.JOINED, was_available=True)
        paused = Doctor.objects.filter(paused_because=inviting.IN_A_CALL)
        assert set(inside.values_list("doctor", flat=True)) == set(paused.values_list("pk", flat=True))

    @invariant()
    def what_has_ended_says_when(self) -> None:
        assert not Invitation.objects.filter(state__in=OPEN_INVITATION).exclude(ended_at=None).exists()
        assert not Invitation.objects.exclude(state__in=OPEN_INVITATION).filter(ended_at=None).exists()


def test_whatever_happens_nobody_waits_for_ever(
    met: Consultation, dr_rao: Doctor, dr_iyer: Doctor, dr_nair: Doctor
) -> None:
    ThirdPerson.token, ThirdPerson.rao, ThirdPerson.others = met.token, dr_rao, [dr_iyer, dr_nair]
    Consultation.objects.all().delete()
    run_state_machine_as_test(
        ThirdPerson,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        ),
    )
