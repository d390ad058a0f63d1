"""The roles of domain.md, "People"."""

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
