"""What a robot does next, how long it takes, what it says. Plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from sehat.clinic.rules import DoctorState
from sehat.tokens.rules import State

MOST_PATIENTS, MOST_DOCTORS = 300, 20


@dataclass(frozen=True)
class Size:
    """How many sample patients are in the OPD at most, and how many sample doctors see them."""

    patients: int = 12
    doctors: int = 3


class Act(StrEnum):
    """What robots do."""

    # Patients.
    COME = "come"
    JOIN = "join"
    CANCEL = "cancel"
    PRESS = "press"
    GREET = "greet"
    REPLY = "reply"
    THANK = "thank"
    AGREE = "agree"
    # Doctors.
    WORK = "work"
    ANSWER = "answer"
    ASK = "ask"
    FINISH = "finish"
    PUT_BACK = "put_back"
    STAND_DOWN = "stand_down"
    DECLINE = "decline"


@dataclass(frozen=True)
class Span:
    """Between so many and so many seconds."""

    low: float
    high: float

    def draw(self, rng: Random) -> float:
        """Some time within."""
        return rng.uniform(self.low, self.high)


PACE: Mapping[Act, Span] = {
    Act.COME: Span(12, 28),
    Act.JOIN: Span(1, 4),
    Act.CANCEL: Span(20, 90),
    Act.PRESS: Span(2, 8),
    Act.GREET: Span(2, 5),
    Act.REPLY: Span(2, 5),
    Act.THANK: Span(1, 3),
    Act.AGREE: Span(2, 5),
    Act.WORK: Span(3, 12),
    Act.ANSWER: Span(1, 5),
    Act.ASK: Span(6, 14),
    Act.FINISH: Span(30, 60),
    Act.PUT_BACK: Span(15, 30),
    Act.STAND_DOWN: Span(0, 0),
    Act.DECLINE: Span(3, 8),
}
"""How long after a robot has seen the reason it acts: short, so that a visitor sees the room move."""

FILLING = Span(0.2, 1.2)
"""Between two who come, as long as less than half of the room is filled."""


class Whim(StrEnum):
    """What is settled by chance when it first matters."""

    CANCELS = "cancels"  # of a token
    MISSES = "misses"  # of a call
    PUTS_BACK = "puts_back"  # of a consultation
    EMERGENCY = "emergency"  # of a visit


ODDS: Mapping[Whim, float] = {Whim.CANCELS: 0.12, Whim.MISSES: 0.08, Whim.PUTS_BACK: 0.05, Whim.EMERGENCY: 0.04}


@dataclass(frozen=True)
class PatientSees:
    """What a sample patient with an open token, or in an open consultation, knows."""

    state: State
    cancels: bool = False
    misses: bool = False
    summoned: bool = False  # a call stands, and Call Now is not pressed
    robot_doctor: bool = False  # who calls, or sits across
    asked_for_guest: bool = False  # may another doctor come into the call
    greeted: bool = False
    thanked: bool = False
    spoken_to: bool = False  # the last line is the doctor's
    call_over: bool = False


def patient_next(sees: PatientSees) -> Act | None:
    """The patient's next act; None: nothing until something changes.

    Only a sample doctor is left waiting by one who misses: a visitor as doctor meets patients who answer.
    """
    match sees.state:
        case State.ISSUED:
            return Act.JOIN
        case State.WAITING:
            return Act.CANCEL if sees.cancels else None
        case State.CALLED if sees.summoned:
            return None if sees.misses and sees.robot_doctor else Act.PRESS
        case State.CONSULTING if not sees.call_over:
            return _in_the_call(sees)
        case State.COMPLETED if sees.greeted and not sees.thanked:
            return Act.THANK
        case _:
            return None


def _in_the_call(sees: PatientSees) -> Act | None:
    if sees.asked_for_guest:
        return Act.AGREE
    if not sees.greeted:
        return Act.GREET
    return Act.REPLY if sees.spoken_to else None


@dataclass(frozen=True)
class DoctorSees:
    """What a sample doctor knows."""

    state: DoctorState
    head_is_robot: bool = False  # of the line that this doctor may be given
    patient_is_robot: bool = True  # who was called to this desk, or sits across
    ringing: bool = False
    invited: bool = False  # into another doctor's call
    puts_back: bool = False
    greeted: bool = False
    has_asked: bool = False


def doctor_next(sees: DoctorSees) -> tuple[Act, ...]:
    """The doctor's next acts, each in its own time.

    A sample doctor never takes a visitor: available only while the head of the line is a sample patient, and what
    came wrong all the same is given back at once.
    """
    match sees.state:
        case DoctorState.OFFLINE | DoctorState.PAUSED:
            if sees.invited:
                return (Act.DECLINE,)
            return (Act.WORK,) if sees.head_is_robot else ()
        case DoctorState.AVAILABLE:
            return (Act.STAND_DOWN,)
        case _ if not sees.patient_is_robot:
            return (Act.STAND_DOWN,)
        case DoctorState.CALLING:
            return (Act.ANSWER,) if sees.ringing else ()
        case DoctorState.CONSULTING:
            end = Act.PUT_BACK if sees.puts_back else Act.FINISH
            return (end, Act.ASK) if sees.greeted and not sees.has_asked else (end,)


def coming(*, there: int, size: Size) -> Span | None:
    """How long until the next sample patient comes; None: the room is as full as was asked for."""
    if there >= size.patients:
        return None
    if there < size.patients / 2:
        return FILLING
    usual = PACE[Act.COME]
    return Span(usual.low * 3 / size.doctors, usual.high * 3 / size.doctors)


HELLO = {
    "en": "Hello, doctor. %s. I am a sample patient without a camera: please write to me.",
    "hi": "नमस्ते डॉक्टर। %s। मैं नमूने का मरीज़ हूँ, मेरे पास कैमरा नहीं है: कृपया मुझे लिखकर पूछिए।",
}
YES = {"en": "Yes, doctor.", "hi": "जी हाँ, डॉक्टर।"}
ALL_RIGHT = {"en": "All right, doctor.", "hi": "जी, ठीक है।"}
THANKS = {"en": "Thank you, doctor. Goodbye.", "hi": "बहुत धन्यवाद, डॉक्टर। नमस्ते।"}
QUESTION = {"en": "Do you have any allergy to a medicine?", "hi": "क्या आपको किसी दवा से एलर्जी है?"}
NO_ALLERGY = {"en": "No, doctor.", "hi": "जी नहीं, डॉक्टर।"}


def reply(said: str, language: str) -> str:
    """What a sample patient answers: yes to a question, else that it is understood."""
    if said == QUESTION[language]:
        return NO_ALLERGY[language]
    return (YES if "?" in said else ALL_RIGHT)[language]
