"""A machine that plays OPD days: whatever happens in whatever order, the promises of the queue hold.

Never two doctors for one patient, never two open tokens, nothing leaves an end state, the order is by turn key
(domain.md, "The queue"). Each run lives in a transaction that is rolled back; what would happen after commit (the
match) is what the sweep does, and the sweep is one of the rules.
"""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.desk import services as desk
from sehat.desk.errors import DeskBusy
from sehat.desk.queries import open_call_of
from sehat.tokens import services as tokens
from sehat.tokens.errors import CannotCancel, OneOpenToken
from sehat.tokens.models import Token, TokenMove
from sehat.tokens.queries import open_token_of
from sehat.tokens.rules import MOVES, OPEN_STATES, By, State, Why
from sehat.waiting import queries as waiting_queries
from sehat.waiting import services as waiting
from sehat.waiting.errors import NotCalled
from sehat.waiting.models import Call
from sehat.waiting.rules import OPEN_CALL, CallState
from tests.crowd import TEN, one_opd

END_STATES = [state for state, onward in MOVES.items() if not onward]
people = st.integers(0, 4)
doctors = st.integers(0, 1)


class OpdDay(RuleBasedStateMachine):
    """Five patients and two doctors of one OPD."""

    def __init__(self) -> None:
        super().__init__()
        self.now = TEN
        self.ended: dict[int, str] = {}
        self._transaction = transaction.atomic()
        self._transaction.__enter__()

    def teardown(self) -> None:
        """Take everything back."""
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)

    @initialize()
    def open_the_opd(self) -> None:
        self.opd, self.doctors, self.patients = one_opd(doctors=2, patients=5)

    @rule(seconds=st.sampled_from([1, 10, 31, 121, 900]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(person=people)
    def takes_a_token(self, person: int) -> None:
        patient = self.patients[person]
        had = open_token_of(patient)
        try:
            tokens.issue(patient=patient, opd=self.opd, complaint="Fever", duration="", records=[], now=self.now)
        except OneOpenToken:
            assert had is not None
        else:
            assert had is None

    @rule(person=people)
    def logs_in(self, person: int) -> None:
        if token := open_token_of(self.patients[person]):
            tokens.join(token=token, now=self.now)

    @rule(person=people)
    def cancels(self, person: int) -> None:
        if token := open_token_of(self.patients[person]):
            try:
                tokens.cancel(token=token, now=self.now)
            except CannotCancel:
                assert token.state == State.CONSULTING

    @rule(person=people)
    def presses_call_now(self, person: int) -> None:
        if token := open_token_of(self.patients[person]):
            try:
                waiting.press_call_now(token=token, now=self.now)
            except NotCalled:
                call = waiting_queries.open_call(token)
                assert call is None or call.deadline <= self.now

    @rule(number=doctors)
    def goes_available(self, number: int) -> None:
        try:
            desk.go_available(doctor=self.doctors[number], now=self.now)
        except DeskBusy:
            assert self.doctors[number].state == DoctorState.CONSULTING

    @rule(number=doctors, home=st.booleans())
    def leaves(self, number: int, home: bool) -> None:
        try:
            (desk.end_shift if home else desk.pause)(doctor=self.doctors[number], now=self.now)
        except DeskBusy:
            assert self.doctors[number].state in {DoctorState.CONSULTING, DoctorState.OFFLINE}

    @rule(number=doctors)
    def answers(self, number: int) -> None:
        call = open_call_of(self.doctors[number])
        if call is not None and call.state == CallState.RINGING:
            desk.take(call=call, now=self.now)

    @rule(number=doctors, prescribes=st.booleans())
    def ends_the_consultation(self, number: int, prescribes: bool) -> None:
        doctor = Doctor.objects.get(pk=self.doctors[number].pk)
        if doctor.state != DoctorState.CONSULTING:
            return
        call = Call.objects.filter(doctor=doctor, state=CallState.ANSWERED).latest("id")
        key = call.token.turn_key
        if prescribes:
            tokens.move(call.token, State.COMPLETED, why=Why.PRESCRIBED, by=By.DOCTOR, now=self.now)
        else:
            tokens.move(call.token, State.WAITING, why=Why.PUT_BACK, by=By.DOCTOR, now=self.now)
            assert call.token.turn_key == key
        desk.release(doctor=doctor, now=self.now)

    @rule()
    def sweeps(self) -> None:
        desk.sweep(now=self.now)
        tokens.expire_due(now=self.now)
        assert not Call.objects.filter(state__in=OPEN_CALL, deadline__lte=self.now).exists()
        waiting_and_free = waiting_queries.line(self.opd).exists() and Doctor.objects.filter(
            state=DoctorState.AVAILABLE
        )
        assert not waiting_and_free, "a free doctor and a waiting patient were left apart"

    @invariant()
    def one_open_token_each(self) -> None:
        holders = list(Token.objects.filter(state__in=OPEN_STATES).values_list("patient", flat=True))
        assert len(holders) == len(set(holders))

    @invariant()
    def one_patient_a_doctor_and_one_doctor_a_patient(self) -> None:
        calls = list(Call.objects.filter(state__in=OPEN_CALL).values_list("token", "doctor"))
        assert len({token for token, _ in calls}) == len({doctor for _, doctor in calls}) == len(calls)
        called = set(Token.objects.filter(state=State.CALLED).values_list("pk", flat=True))
        calling = set(Doctor.objects.filter(state=DoctorState.CALLING).values_list("pk", flat=True))
        assert (called, calling) == ({token for token, _ in calls}, {doctor for _, doctor in calls})
        consulting = Token.objects.filter(state=State.CONSULTING).count()
        assert consulting == Doctor.objects.filter(state=DoctorState.CONSULTING).count()

    @invariant()
    def nothing_leaves_an_end_state(self) -> None:
        for pk, state in Token.objects.filter(state__in=END_STATES).values_list("pk", "state"):
            assert self.ended.setdefault(pk, state) == state
        assert Token.objects.filter(pk__in=self.ended, state__in=OPEN_STATES).count() == 0

    @invariant()
    def the_order_is_by_turn_key(self) -> None:
        line = list(Token.objects.filter(state=State.WAITING))
        by_key = sorted(line, key=lambda token: (token.turn_key, token.number))
        assert list(waiting_queries.line(self.opd)) == by_key if hasattr(self, "opd") else not line
        for place, token in enumerate(by_key):
            assert waiting_queries.ahead(token) == place

    @invariant()
    def every_state_is_explained_by_its_history(self) -> None:
        for token in Token.objects.all():
            last = TokenMove.objects.filter(token=token).latest("id")
            assert (last.to, last.turn_key) == (token.state, token.turn_key)


@pytest.mark.django_db
def test_the_promises_of_the_queue_hold() -> None:
    run_state_machine_as_test(
        OpdDay,
        settings=settings(
            max_examples=60,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
