"""Sample patients and doctors: what they do next, and a whole day of theirs beside visitors."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from sehat.clinic.models import Doctor
from sehat.clinic.rules import DoctorState
from sehat.consultation import queries as consultations_of
from sehat.consultation import services as consultations
from sehat.consultation.models import ChatMessage, Consultation
from sehat.consultation.rules import Outcome, Side
from sehat.desk import queries as desks
from sehat.desk import services as desk
from sehat.prescription import services as prescriptions
from sehat.prescription.models import Prescription
from sehat.prescription.writing import Written
from sehat.registration.models import Patient
from sehat.site.simulation import acts, people, rules, running, scene
from sehat.site.simulation.rules import Act, DoctorSees, PatientSees, Size
from sehat.site.simulation.running import Simulation
from sehat.tokens import services as tokens
from sehat.tokens.models import Token
from sehat.tokens.rules import OPEN_STATES, State
from sehat.waiting.models import Call
from sehat.waiting.rules import OPEN_CALL, CallState
from tests.conftest import IssueToken
from tests.prescription.conftest import written

__all__ = ["written"]

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("sees", "act"),
    [
        (PatientSees(State.ISSUED), Act.JOIN),
        (PatientSees(State.WAITING), None),
        (PatientSees(State.WAITING, cancels=True), Act.CANCEL),
        (PatientSees(State.CALLED, summoned=True, robot_doctor=True), Act.PRESS),
        (PatientSees(State.CALLED, summoned=True, robot_doctor=True, misses=True), None),
        # A visitor as doctor meets patients who answer.
        (PatientSees(State.CALLED, summoned=True, misses=True), Act.PRESS),
        (PatientSees(State.CALLED, summoned=False), None),
        (PatientSees(State.CONSULTING), Act.GREET),
        (PatientSees(State.CONSULTING, greeted=True), None),
        (PatientSees(State.CONSULTING, greeted=True, spoken_to=True), Act.REPLY),
        (PatientSees(State.CONSULTING, greeted=True, asked_for_guest=True), Act.AGREE),
        (PatientSees(State.CONSULTING, call_over=True), None),
        (PatientSees(State.COMPLETED, greeted=True), Act.THANK),
        (PatientSees(State.COMPLETED, greeted=True, thanked=True, spoken_to=True), None),
    ],
)
def test_what_a_sample_patient_does_next(sees: PatientSees, act: Act | None) -> None:
    assert rules.patient_next(sees) is act


@pytest.mark.parametrize(
    ("sees", "done"),
    [
        (DoctorSees(DoctorState.OFFLINE), ()),
        (DoctorSees(DoctorState.PAUSED, head_is_robot=True), (Act.WORK,)),
        # The head of the line is a visitor, or nobody.
        (DoctorSees(DoctorState.PAUSED, head_is_robot=False), ()),
        (DoctorSees(DoctorState.PAUSED, head_is_robot=True, invited=True), (Act.DECLINE,)),
        (DoctorSees(DoctorState.AVAILABLE, head_is_robot=True), (Act.STAND_DOWN,)),
        (DoctorSees(DoctorState.CALLING), ()),
        (DoctorSees(DoctorState.CALLING, ringing=True), (Act.ANSWER,)),
        (DoctorSees(DoctorState.CALLING, ringing=True, patient_is_robot=False), (Act.STAND_DOWN,)),
        (DoctorSees(DoctorState.CONSULTING, patient_is_robot=False), (Act.STAND_DOWN,)),
        (DoctorSees(DoctorState.CONSULTING), (Act.FINISH,)),
        (DoctorSees(DoctorState.CONSULTING, greeted=True), (Act.FINISH, Act.ASK)),
        (DoctorSees(DoctorState.CONSULTING, greeted=True, has_asked=True, puts_back=True), (Act.PUT_BACK,)),
    ],
)
def test_what_a_sample_doctor_does_next(sees: DoctorSees, done: tuple[Act, ...]) -> None:
    assert rules.doctor_next(sees) == done


def test_the_room_fills_quickly_and_never_beyond_what_was_asked_for() -> None:
    size = Size(patients=12, doctors=3)
    assert rules.coming(there=0, size=size) == rules.FILLING
    usual = rules.coming(there=6, size=size)
    assert usual is not None and usual.low > rules.FILLING.high
    assert rules.coming(there=12, size=size) is None
    assert rules.FILLING.low <= rules.FILLING.draw(Random(1)) <= rules.FILLING.high


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_patient_says_yes_to_a_question(language: str) -> None:
    assert rules.reply("Since yesterday?", language) == rules.YES[language]
    assert rules.reply("Take rest.", language) == rules.ALL_RIGHT[language]
    assert rules.reply(rules.QUESTION[language], language) == rules.NO_ALLERGY[language]


class Day:
    """A day on a clock of its own: the robots' steps and the portal's sweep, one after the other."""

    def __init__(self, start: datetime, size: Size) -> None:
        self.now = start
        self.robots = Simulation(size, seed=26)
        people.doctors(size.doctors)

    def go_on(self, **much: float) -> None:
        """Let that much time pass, deadline by deadline; nothing forbidden is ever to be seen."""
        ends = self.now + timedelta(**much)
        while self.now < ends:
            due = self.robots.step(self.now)
            self.now = min(ends, due or ends, self.now + 5 * SECOND) if due != self.now else self.now + SECOND / 10
            desk.sweep(now=self.now)
            self.look()

    def look(self) -> None:
        """No visitor is with a robot, and no sample doctor stands free."""
        theirs = Doctor.objects.filter(scene.SAMPLE_DOCTORS)
        assert not theirs.filter(state=DoctorState.AVAILABLE).exists()
        assert not Call.objects.filter(doctor__in=theirs).exclude(token__patient__mobile__startswith=people.MOBILES)


@pytest.fixture
def day(transactional_db: None, ten_o_clock: datetime, hospital: object, opd: object) -> Day:
    """Ten o'clock, and nobody is there yet."""
    return Day(ten_o_clock, Size(patients=8, doctors=2))


def _nothing_is_open() -> bool:
    return not (
        Token.objects.filter(scene.SAMPLE_PATIENTS, state__in=OPEN_STATES).exists()
        or Call.objects.filter(state__in=OPEN_CALL).exists()
        or Consultation.objects.filter(ended_at=None).exists()
        or Doctor.objects.filter(scene.SAMPLE_DOCTORS).exclude(state=DoctorState.OFFLINE).exists()
    )


def test_half_an_hour_of_the_waiting_room(day: Day, asha: Patient, issue_token: IssueToken, dr_rao: Doctor) -> None:
    with acts.kept_from_visitors():
        day.go_on(minutes=30)
        ends = Counter(Token.objects.values_list("state", flat=True))
        calls = Counter(Call.objects.values_list("state", flat=True))
        assert ends[State.COMPLETED] > 20 and ends[State.CANCELLED] and calls[CallState.MISSED]
        assert Prescription.objects.count() == ends[State.COMPLETED]
        assert Token.objects.filter(state__in=OPEN_STATES).count() <= 8

        # A visitor waits behind the others, and is left to a doctor of her own.
        hers = issue_token(asha, now=day.now, joined=True)
        day.go_on(minutes=8)
        hers.refresh_from_db()
        assert hers.state == State.WAITING and not hers.calls.exists()
        desk.go_available(doctor=dr_rao, now=day.now)
        assert hers.calls.get().doctor == dr_rao

        acts.leave(now=day.now)
        hers.refresh_from_db()
        assert hers.state == State.CALLED  # what people do goes on
        tokens.cancel(token=hers, now=day.now)
    assert _nothing_is_open()


def test_a_visitor_as_doctor_meets_a_patient_who_answers(day: Day, dr_rao: Doctor) -> None:
    with acts.kept_from_visitors():
        day.go_on(minutes=2)
        desk.go_available(doctor=dr_rao, now=day.now)
        day.go_on(seconds=9)
        call = desks.open_call_of(dr_rao)
        assert call is not None and call.state == CallState.RINGING
        consultation = consultations.answer(call=call, now=day.now)
        patient = call.token.patient
        day.go_on(seconds=6)
        consultations.say(consultation=consultation, side=Side.DOCTOR, text="Have you slept?")
        day.go_on(seconds=6)
        said = [message.text for message in consultations_of.lines(consultation)]
        assert call.token.complaint in said[0]
        assert said[1:] == ["Have you slept?", rules.YES[patient.language]]

        acts.leave(now=day.now)
    consultation.refresh_from_db()
    assert consultation.outcome == Outcome.PUT_BACK
    assert _nothing_is_open()


def test_a_patient_thanks_for_a_prescription_and_the_visitor_leaves_when_done(
    day: Day, dr_rao: Doctor, written: Written
) -> None:
    with acts.kept_from_visitors():
        day.go_on(minutes=2)
        desk.go_available(doctor=dr_rao, now=day.now)
        day.go_on(seconds=9)
        call = desks.open_call_of(dr_rao)
        assert call is not None
        consultation = consultations.answer(call=call, now=day.now)
        day.go_on(seconds=6)
        prescriptions.issue(consultation=consultation, doctor=dr_rao, written=written, now=day.now)
        day.go_on(seconds=4)
        assert consultations_of.lines(consultation)[-1].text == rules.THANKS[call.token.patient.language]
        acts.leave(now=day.now)
    # The desk is the visitor's to leave, and the sheet to read.
    consultation.refresh_from_db()
    assert consultation.ended_at is None and consultation.outcome == Outcome.COMPLETED
    consultations.finish(consultation=consultation, now=day.now)
    assert _nothing_is_open()


def test_a_visitor_who_was_given_to_a_robot_keeps_the_place(day: Day, asha: Patient, issue_token: IssueToken) -> None:
    """Only a race could do it; here the desk is turned by hand."""
    robot = Doctor.objects.filter(scene.SAMPLE_DOCTORS).first()
    assert robot is not None
    hers = issue_token(asha, now=day.now, joined=True)
    key = hers.turn_key
    desk.go_available(doctor=robot, now=day.now)
    hers.refresh_from_db()
    assert hers.state == State.CALLED
    day.robots.step(day.now)
    day.robots.step(day.now)
    hers.refresh_from_db()
    robot.refresh_from_db()
    assert (hers.state, hers.turn_key, robot.state) == (State.WAITING, key, DoctorState.PAUSED)


def test_a_missed_call_does_not_bring_a_visitor_to_a_robot(day: Day, asha: Patient, issue_token: IssueToken) -> None:
    """The call's end frees the desk for the head of the line: a sample doctor's is paused before that."""
    robot = Doctor.objects.filter(scene.SAMPLE_DOCTORS).first()
    assert robot is not None
    acts.come(people.patient(0, now=day.now), is_emergency=False, now=day.now)
    theirs = Token.objects.get()
    tokens.join(token=theirs, now=day.now)
    desk.go_available(doctor=robot, now=day.now)
    hers = issue_token(asha, now=day.now, joined=True)
    with acts.kept_from_visitors():
        desk.sweep(now=day.now + timedelta(minutes=3))
    hers.refresh_from_db()
    robot.refresh_from_db()
    assert (hers.state, robot.state) == (State.WAITING, DoctorState.PAUSED)
    assert theirs.calls.get().state == CallState.MISSED


def test_what_a_killed_process_left_is_cleaned_away(day: Day, dr_rao: Doctor) -> None:
    with acts.kept_from_visitors():
        day.go_on(minutes=4)
        desk.go_available(doctor=dr_rao, now=day.now)
        assert not _nothing_is_open()
    running.clean()
    assert _nothing_is_open()
    # Nobody who was about to leave was called to the visitor's desk.
    assert dr_rao.calls.count() == 1


@pytest.mark.django_db
def test_robots_come_only_into_the_demo_that_one_process_serves(client: Client) -> None:
    """The tests' portal has no worker of its own, as several processes have none."""
    page = reverse("site:demo_simulation")
    assert client.post(page, {"do": "fill"}).status_code == 409
    assert client.post(page, {"do": "stop"}).status_code == 302
    assert "No sample people are at work." in client.get(reverse("site:demo")).content.decode()
    with override_settings(SEHAT_DEMO=False):
        assert client.post(page, {"do": "fill"}).status_code == 404
        assert client.get(reverse("site:demo_waiting_room")).status_code == 404


def test_robots_are_made_once(day: Day) -> None:
    first = people.patient(3, now=day.now)
    assert people.patient(3, now=day.now) == first
    assert [doctor.pk for doctor in people.doctors(2)] == [doctor.pk for doctor in people.doctors(2)]
    assert not people.doctors(1)[0].staff.has_usable_password()
    assert ChatMessage.objects.count() == 0
