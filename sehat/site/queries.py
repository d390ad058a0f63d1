"""What the public pages show of the day: how many doctors, how many waiting, until when; who sits where."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from sehat.clinic import queries as clinic
from sehat.clinic.models import Doctor
from sehat.clinic.rules import ON_DUTY, Session
from sehat.tokens.models import Token
from sehat.tokens.rules import State

SPOKEN = {
    "Assamese": _("Assamese"),
    "Bengali": _("Bengali"),
    "English": _("English"),
    "Gujarati": _("Gujarati"),
    "Hindi": _("Hindi"),
    "Kannada": _("Kannada"),
    "Malayalam": _("Malayalam"),
    "Marathi": _("Marathi"),
    "Nepali": _("Nepali"),
    "Odia": _("Odia"),
    "Punjabi": _("Punjabi"),
    "Tamil": _("Tamil"),
    "Telugu": _("Telugu"),
    "Urdu": _("Urdu"),
}
"""What doctors speak, as the office writes it; a language that stands not here is shown as it was written."""

FIGURES_SECONDS = 5
"""How old the home page's figures may be: everybody asks for the same ones."""


@dataclass(frozen=True)
class Figures:
    """The day in three figures. `open_until` is set while it is open, else `opens_next`; both may be None."""

    doctors_online: int
    waiting_now: int
    open_until: datetime | None
    opens_next: datetime | None
    at_any_hour: bool


def figures(*, now: datetime) -> Figures:
    """The figures of the whole portal, at most five seconds old."""
    kept: Figures | None = cache.get("site.figures")
    if kept is None:
        kept = _count(now)
        cache.set("site.figures", kept, FIGURES_SECONDS)
    return kept


@dataclass(frozen=True)
class Row:
    """One doctor on *Doctors' Status*."""

    doctor: Doctor
    languages: list[str]


def doctors() -> list[Row]:
    """Every doctor who may sign in, in the order of the OPDs, then of names."""
    rows = (
        Doctor.objects.filter(staff__is_active=True)
        .select_related("staff", "opd", "hospital")
        .order_by("opd_id", "staff__first_name", "staff__last_name")
    )
    return [Row(doctor, spoken(doctor.languages)) for doctor in rows]


def spoken(languages: str) -> list[str]:
    """The comma-separated languages of a doctor, each named in the reader's language."""
    names = (name.strip() for name in languages.split(","))
    return [str(SPOKEN.get(name, name)) for name in names if name]


def _count(now: datetime) -> Figures:
    session, following = _hours(now)
    return Figures(
        doctors_online=Doctor.objects.filter(state__in=ON_DUTY).count(),
        waiting_now=Token.objects.filter(state=State.WAITING).count(),
        open_until=session.closes if session else None,
        opens_next=following.opens if following else None,
        at_any_hour=settings.OPEN_AT_ANY_HOUR,
    )


def _hours(now: datetime) -> tuple[Session | None, Session | None]:
    """The opening now and the next one, of the OPD that takes everybody."""
    opd = clinic.walk_in_opds().first()
    if opd is None:
        return None, None
    calendar = clinic.calendar(opd, now=now)
    return calendar.session(now), calendar.next_session(now)
