"""Which state of a desk may follow which. Plain Python. Source: domain.md, "The queue"."""

from sehat.clinic.rules import DoctorState as S

TURNS: dict[S, frozenset[S]] = {
    S.OFFLINE: frozenset({S.AVAILABLE}),
    S.AVAILABLE: frozenset({S.CALLING, S.PAUSED, S.OFFLINE}),
    S.CALLING: frozenset({S.CONSULTING, S.AVAILABLE, S.PAUSED, S.OFFLINE}),
    S.CONSULTING: frozenset({S.AVAILABLE, S.PAUSED, S.OFFLINE}),
    S.PAUSED: frozenset({S.AVAILABLE, S.OFFLINE}),
}
"""Every turn there is."""

UNANSWERED = "unanswered"
"""Why the portal paused a desk: the doctor did not answer a ringing call."""
