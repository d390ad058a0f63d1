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
    Role.AMA: "admin:index",
    Role.COMMANDANT: "admin:index",
    Role.HQ: "admin:index",
    Role.PHARMACIST: "papers:verify",
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
    Role.COMMANDANT: (
        "clinic.view_doctor",
        "clinic.change_doctor",
        "clinic.view_opd",
        "clinic.view_openinghours",
        "clinic.change_openinghours",
        "clinic.add_openinghours",
        "clinic.delete_openinghours",
        "clinic.view_holiday",
        "clinic.add_holiday",
        "clinic.change_holiday",
        "clinic.delete_holiday",
    ),
}
"""What a role may do in the office (Django admin). HQ may do everything administrative: see `Staff.has_perm`."""

HQ_ROOMS = frozenset({"accounts", "clinic", "entitlement", "registration", "notices", "site", "audit"})
"""The rooms HQ administers: none of them holds clinical text (domain.md, "People")."""
