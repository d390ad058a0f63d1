"""Whose figures a page shows: a commandant's own hospital, and nothing else; HQ's choice of all or of one."""

from django.http import Http404

from sehat.accounts.rules import Role
from sehat.accounts.sessions import StaffRequest
from sehat.clinic import queries as clinic
from sehat.clinic.models import Hospital
from sehat.office.errors import NotPosted

MANAGERS = (Role.COMMANDANT, Role.HQ)


def own_hospital(request: StaffRequest) -> Hospital:
    """The commandant's hospital. Refuses a commandant for whom none was entered (NotPosted)."""
    hospital = clinic.hospital_of(request.user)
    if hospital is None:
        raise NotPosted
    return hospital


def scope(request: StaffRequest) -> Hospital | None:
    """What this page is about; None for all hospitals together, which only HQ sees. `?hospital=` is HQ's choice."""
    if request.user.role != Role.HQ:
        return own_hospital(request)
    chosen = request.GET.get("hospital", "")
    if not chosen:
        return None
    found = Hospital.objects.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 10 else None
    if found is None:
        raise Http404
    return found


def about(request: StaffRequest, hospital: Hospital | None) -> dict[str, object]:
    """What every page of the office needs to say whose figures it shows."""
    is_hq = request.user.role == Role.HQ
    return {"hospital": hospital, "hospitals": Hospital.objects.order_by("name") if is_hq else None, "wide": True}
