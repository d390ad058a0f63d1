"""How a consultation ends, what counts as one, and the limits of what is written in it. Plain Python.

Sources: domain.md, step 5; clinical.md, "Telemedicine Practice Guidelines".
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Side(StrEnum):
    """Whose page it is."""

    PATIENT = "patient"
    DOCTOR = "doctor"
    GUEST = "guest"  # another doctor, invited into the call

    @property
    def other(self) -> "Side":
        """The one across, of the two whose consultation it is."""
        return Side.DOCTOR if self is Side.PATIENT else Side.PATIENT


class Invited(StrEnum):
    """How far the invitation of another doctor has come: first the patient is asked, then the doctor's desk rings."""

    ASKING = "asking"
    RINGING = "ringing"
    JOINED = "joined"
    LEFT = "left"
    REFUSED = "refused"  # by the patient
    SILENT = "silent"  # the patient did not answer in time
    DECLINED = "declined"  # by the invited doctor
    MISSED = "missed"  # the invited doctor did not answer in time
    WITHDRAWN = "withdrawn"  # by the doctor who invited, or with the end of the call


UNANSWERED = {Invited.ASKING: Invited.SILENT, Invited.RINGING: Invited.MISSED}
"""What becomes of an invitation that waits for an answer when its time is over: nothing rings for ever."""
OPEN_INVITATION = (*UNANSWERED, Invited.JOINED)


class Outcome(StrEnum):
    """What became of a consultation; OPEN while nothing has."""

    OPEN = "open"
    COMPLETED = "completed"
    PUT_BACK = "put_back"


class PutBack(StrEnum):
    """Why a doctor puts a patient back into the line."""

    LINE = "line"
    ABSENT = "absent"
    LATER = "later"
    GONE = "gone"  # said by the portal: the doctor has not been seen for a while


class Mode(StrEnum):
    """What kind of consultation it was, by what came through and not by what was meant."""

    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"


MESSAGE_LENGTH = 2000  # characters
MOST_MESSAGES = 500  # of one side in one consultation
MOST_FILES = 10  # of one side in one consultation
WORST, BEST = 1, 5  # domain.md, "After the consultation"
FEEDBACK_LENGTH = 300  # characters
DROPS_AT_MOST = 1000
LEAST_SECONDS = 60  # clinical.md: less two-way video is no video consultation


@dataclass(frozen=True)
class Evidence:
    """Seconds of two-way video and audio, and how often the line dropped, as one side saw it."""

    video: int = 0
    audio: int = 0
    drops: int = 0


def bounded(reported: Evidence, *, started: datetime, until: datetime) -> Evidence:
    """What a report may claim: no second that has not passed since `started`, nothing below nothing.

    A report comes from a browser, which may say anything. The database keeps the highest of all reports, so
    that one which comes twice, late or out of order changes nothing.
    """
    passed = max(0, int((until - started).total_seconds()))

    def within(value: int, most: int) -> int:
        return max(0, min(value, most))

    return Evidence(
        video=within(reported.video, passed),
        audio=within(reported.audio, passed),
        drops=within(reported.drops, min(passed, DROPS_AT_MOST)),
    )


def achieved(patient: Evidence, doctor: Evidence, *, least_seconds: int = LEAST_SECONDS) -> Mode:
    """The mode that counts: what both ends saw for at least `least_seconds`, else the next lesser mode."""
    if min(patient.video, doctor.video) >= least_seconds:
        return Mode.VIDEO
    if min(patient.audio, doctor.audio) >= least_seconds:
        return Mode.AUDIO
    return Mode.TEXT
