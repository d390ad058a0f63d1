"""Is it open, when does it open, who is on duty."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Case, Q, QuerySet, When

from sehat.accounts.models import Staff
from sehat.clinic import rules
from sehat.clinic.models import Doctor, Duty, Holiday, Hospital, Opd, OpeningHours, Store
from sehat.kernel.clock import INDIA, india_day
from sehat.kernel.prepared import prepared

ALWAYS_OPEN_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class Calendar:
    """Hours and holidays of one OPD, read once, asked often."""

    hours: tuple[rules.Hours, ...]
    is_holiday: Callable[[date], bool]

    def session(self, now: datetime, early: timedelta = timedelta(0)) -> rules.Session | None:
        """The opening at `now`; in demo mode every OPD is open for the next 24 hours."""
        if settings.OPEN_AT_ANY_HOUR:
            return rules.Session(now, now + ALWAYS_OPEN_LIFE)
        return rules.session_at(now, self.hours, self.is_holiday, INDIA, early=early)

    def next_session(self, now: datetime) -> rules.Session | None:
        """The first opening after `now`."""
        return rules.next_session(now, self.hours, self.is_holiday, INDIA)


def calendar(opd: Opd, *, now: datetime) -> Calendar:
    """The OPD's hours (the default where it has none of its own) and the holidays of the next 30 days."""
    rows = tuple(row.hours for row in _hours_of(opd.pk))
    today = india_day(now)
    days = {day for (day,) in _holidays_of(opd.pk, today, today + timedelta(days=rules.LOOK_AHEAD_DAYS))}
    return Calendar(rows or rules.DEFAULT_HOURS, days.__contains__)


def calendars(opds: Collection[Opd], *, now: datetime) -> dict[int, Calendar]:
    """The calendar of each OPD by its key, in two queries."""
    hours: dict[int, list[rules.Hours]] = {opd.pk: [] for opd in opds}
    for row in OpeningHours.objects.filter(opd__in=hours):
        hours[row.opd_id].append(row.hours)
    today = india_day(now)
    ahead = (today, today + timedelta(days=rules.LOOK_AHEAD_DAYS))
    closed: dict[int | None, set[date]] = {}
    for opd, day in Holiday.objects.filter(Q(opd__in=hours) | Q(opd=None), day__range=ahead).values_list("opd", "day"):
        closed.setdefault(opd, set()).add(day)
    everywhere = closed.get(None, set())
    return {
        opd: Calendar(tuple(rows) or rules.DEFAULT_HOURS, (everywhere | closed.get(opd, set())).__contains__)
        for opd, rows in hours.items()
    }


@prepared
def _hours_of(opd: int) -> QuerySet[OpeningHours]:
    return OpeningHours.objects.filter(opd=opd)


@prepared
def _holidays_of(opd: int, first: date, last: date) -> QuerySet[Holiday, tuple[date]]:
    here = Holiday.objects.filter(Q(opd=opd) | Q(opd=None))
    return here.filter(day__gte=first, day__lte=last).values_list("day")


def walk_in_opds() -> QuerySet[Opd]:
    """The OPDs that take a token without referral."""
    return Opd.objects.filter(kind=rules.OpdKind.GENERAL)


walk_ins = prepared(walk_in_opds)
"""The same, read now."""


def referral_opds(frm: Opd) -> QuerySet[Opd]:
    """Where a doctor of this OPD may send a patient: every specialist OPD, and the General OPD back from one."""
    others = Opd.objects.exclude(pk=frm.pk)
    return others.filter(kind=rules.OpdKind.SPECIALIST) if frm.kind == rules.OpdKind.GENERAL else others


def on_duty(opd: Opd | int) -> QuerySet[Doctor]:
    """The doctors of the OPD who work on its line now."""
    return Doctor.objects.filter(opd=opd, state__in=rules.ON_DUTY).select_related("staff", "hospital")


@prepared
def _doctor(pk: int) -> QuerySet[Doctor]:
    return Doctor.objects.filter(pk=pk)


def doctor(pk: int) -> Doctor:
    """The doctor as the desk stands now."""
    found = _doctor.first(pk)
    if found is None:
        raise Doctor.DoesNotExist
    return found


@prepared
def _of_staff(staff: int) -> QuerySet[Doctor]:
    return Doctor.objects.filter(staff=staff).select_related("staff", "opd", "hospital")


def doctor_of(staff: Staff) -> Doctor | None:
    """The doctor that a member of staff is, with OPD and hospital; None where no desk was given."""
    return _of_staff.first(staff.pk)


def nearest_hospital(state: str, city: str) -> Hospital | None:
    """The service hospital to name in an emergency: of the city, else of the State, else any."""
    here = Case(When(city__iexact=city, then=0), When(state__iexact=state, then=1), default=2)
    return Hospital.objects.order_by(here, "id").first()


def hospital_of(staff: Staff) -> Hospital | None:
    """The hospital where a member of staff serves; None for HQ, and where no posting was entered."""
    return Hospital.objects.filter(Q(postings__staff=staff) | Q(doctors__staff=staff)).first()


def opds_of(hospital: Hospital | None) -> QuerySet[Opd]:
    """The OPDs that a hospital runs, or in which its doctors sit; all of them where none is named."""
    if hospital is None:
        return Opd.objects.all()
    return Opd.objects.filter(Q(hospital=hospital) | Q(pk__in=hospital.doctors.values("opd")))


def roster(hospital: Hospital, *, frm: date, to: date) -> QuerySet[Duty]:
    """The duties of a hospital's doctors on the days from `frm` to `to`, both included."""
    return Duty.objects.filter(doctor__hospital=hospital, day__range=(frm, to))


def stores(state: str = "") -> QuerySet[Store]:
    """The stores that a patient may choose: those of the State first, then by place."""
    here = Case(When(hospital__state__iexact=state, then=0), default=1)
    return (
        Store.objects.filter(is_open=True)
        .select_related("hospital")
        .order_by(here, "hospital__state", "hospital__city", "id")
    )


def store_that_sends(state: str) -> Store | None:
    """The store that sends medicines to homes in the State: one there, else any."""
    return stores(state).filter(sends_home=True).first()


def store_of(staff: Staff) -> Store | None:
    """The store where a pharmacist works: that of the hospital of the posting."""
    return Store.objects.select_related("hospital").filter(hospital__postings__staff=staff).first()
