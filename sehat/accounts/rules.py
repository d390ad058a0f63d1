"""The roles of domain.md, "People"; and how the second factor counts (RFC 6238)."""

from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a member of staff is; decides the first page and what may be seen."""

    DOCTOR = "doctor"
    SPECIALIST = "specialist"
    AMA = "ama"
    PHARMACIST = "pharmacist"
    COMMANDANT = "commandant"
    HQ = "hq"


CLINICAL = (Role.DOCTOR, Role.SPECIALIST)

FIRST_PAGE = {
    Role.DOCTOR: "desk:desk",
    Role.SPECIALIST: "desk:desk",
    Role.AMA: "office:ama",
    Role.COMMANDANT: "office:board",
    Role.HQ: "office:board",
    Role.PHARMACIST: "pharmacy:day",
}
"""The address name of each role's first page."""

OFFICE_PERMISSIONS: dict[Role, tuple[str, ...]] = {
    Role.AMA: (
        "entitlement.view_registerentry",
        "entitlement.add_registerentry",
        "entitlement.change_registerentry",
        "entitlement.delete_registerentry",
        "registration.view_patient",
        "registration.view_correctionrequest",
    ),
}
"""What a role may do in the administration (Django admin). HQ may do everything administrative: see `Staff.has_perm`.

A commandant has pages of the own hospital instead (`office`): the administration knows no hospital.
"""

HQ_ROOMS = frozenset({"accounts", "clinic", "entitlement", "registration", "notices", "site", "audit"})
"""The rooms HQ administers: none of them holds clinical text (domain.md, "People")."""

CODE_DIGITS, STEP_SECONDS = 6, 30
"""What every authenticator app takes for granted."""
RECOVERY_CODES, RECOVERY_DIGITS = 10, 12
"""Digits only: the field of the code opens a telephone's keys for numbers."""
CODE_MINUTES, SET_UP_MINUTES = 5, 30
"""How long the portal waits after the password: for a code, and for who has to fetch an app first. Ours."""


def steps_around(now: datetime) -> range:
    """The steps whose codes count now: one more to each side, for a clock that is off and a hand that is slow
    (RFC 6238, 5.2).
    """
    step = int(now.timestamp()) // STEP_SECONDS
    return range(step - 1, step + 2)
