"""What a doctor has written into a letter, understood; and as it is kept and vouched for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sehat.letters.rules import Purpose, Reason, Rest, Urgency, leave_days
from sehat.papers.statement import Lines


@dataclass(frozen=True, slots=True)
class ReferralLetter:
    """To a hospital: whom to see there, how soon and why, and what the colleague should know."""

    department: str
    hospital: str
    urgency: Urgency
    reason: str
    diagnosis: str = ""
    history: str = ""
    treatment: str = ""
    allergies: str = ""

    @property
    def purpose(self) -> Purpose:
        """What it is for."""
        return Purpose.REFERRAL

    @property
    def kept(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)

    @property
    def stated(self) -> Lines:
        """What the code vouches for."""
        return [
            [
                "referral",
                self.department,
                self.hospital,
                self.urgency,
                self.reason,
                self.diagnosis,
                self.history,
                self.treatment,
                self.allergies,
            ]
        ]


@dataclass(frozen=True, slots=True)
class SickLeave:
    """The advice of leave; `diagnosis` only where the patient has agreed to it."""

    first: date
    last: date
    rest: Rest
    reason: Reason
    diagnosis: str = ""
    note: str = ""
    service_number: str = ""

    @property
    def purpose(self) -> Purpose:
        """What it is for."""
        return Purpose.SICK_LEAVE

    @property
    def days(self) -> int:
        """Both ends included."""
        return leave_days(self.first, self.last)

    @property
    def kept(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self) | {"first": self.first.isoformat(), "last": self.last.isoformat()}

    @property
    def stated(self) -> Lines:
        """What the code vouches for."""
        return [
            [
                "sick leave",
                self.first.isoformat(),
                self.last.isoformat(),
                self.rest,
                self.reason,
                self.diagnosis,
                self.note,
                self.service_number,
            ]
        ]


Content = ReferralLetter | SickLeave


def content_of(purpose: str, kept: Mapping[str, Any]) -> Content:
    """Out of what was kept."""
    if purpose == Purpose.REFERRAL:
        return ReferralLetter(**{**kept, "urgency": Urgency(kept["urgency"])})
    return SickLeave(
        **{
            **kept,
            "first": date.fromisoformat(kept["first"]),
            "last": date.fromisoformat(kept["last"]),
            "rest": Rest(kept["rest"]),
            "reason": Reason(kept["reason"]),
        }
    )
