"""The live board: how the OPD day stands, per OPD, for a commandant or for HQ.

What moves by the minute is read at most every five seconds, what the day adds up to at most every thirty, whoever
asks: each part is a few queries, none of which grows with the queue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, Min, OuterRef, Subquery

from sehat.clinic import queries as clinic
from sehat.clinic.models import DUTY_PARTS, Doctor, Duty, Hospital, Opd
from sehat.clinic.rules import ON_DUTY, DoctorState, DutyPart, duty_now
from sehat.kernel.clock import INDIA, india_day
from sehat.notices import queries as outbox
from sehat.office.counting import Counts, Span, by_opd, counted, grouped
from sehat.tokens.models import Token
from sehat.tokens.rules import State

LIVE_SECONDS, DAY_SECONDS = 5, 30


@dataclass(frozen=True)
class Present:
    """One doctor of the own hospital: what the desk is doing, and whether the roster has the doctor there now."""

    doctor: Doctor
    duty: DutyPart | None
    missing: bool

    @property
    def part(self) -> str:
        """The duty in the reader's language; empty where the roster has none."""
        return str(DUTY_PARTS[self.duty]) if self.duty else ""


@dataclass(frozen=True)
class Line:
    """One OPD at this moment. `longest` is the wait, in minutes, of who has waited longest; None where nobody does."""

    waiting: int
    longest: int | None
    doctors: dict[str, int]

    @property
    def on_duty(self) -> int:
        """Doctors who work on the line."""
        return sum(self.doctors.get(state, 0) for state in ON_DUTY)

    @property
    def paused(self) -> int:
        """Doctors who paused, or were paused."""
        return self.doctors.get(DoctorState.PAUSED, 0)

    @property
    def left_alone(self) -> bool:
        """Whether patients wait and no doctor works on the line."""
        return bool(self.waiting) and not self.on_duty


@dataclass(frozen=True)
class Row:
    """One OPD on the board."""

    opd: Opd
    line: Line
    day: Counts

    @property
    def quiet(self) -> bool:
        """Whether nothing has happened here today and nobody is there."""
        return not (self.line.waiting or self.line.on_duty or self.line.paused or self.day.tokens)


@dataclass(frozen=True)
class Board:
    """All of it. `hospital` is None for all hospitals together, where no doctor is named."""

    hospital: Hospital | None
    at: datetime
    rows: list[Row]
    present: list[Present]
    notices: outbox.Backlog

    @property
    def waiting(self) -> int:
        """Patients waiting in all these lines."""
        return sum(row.line.waiting for row in self.rows)

    @property
    def longest(self) -> int | None:
        """The longest wait of all, in minutes."""
        return max((row.line.longest for row in self.rows if row.line.longest is not None), default=None)

    @property
    def on_duty(self) -> int:
        """Doctors who work on these lines."""
        return sum(row.line.on_duty for row in self.rows)

    @property
    def completed(self) -> int:
        """Consultations completed today."""
        return sum(row.day.completed for row in self.rows)

    @property
    def busy(self) -> list[Row]:
        """The OPDs where something goes on or went on today."""
        return [row for row in self.rows if not row.quiet]

    @property
    def quiet(self) -> list[Row]:
        """The others."""
        return [row for row in self.rows if row.quiet]

    @property
    def missing(self) -> list[Present]:
        """Who is on the roster now and not at the desk."""
        return [row for row in self.present if row.missing]


def board(hospital: Hospital | None, *, now: datetime) -> Board:
    """The board of a hospital's OPDs, or of all OPDs."""
    opds = list(clinic.opds_of(hospital))
    name = f"{hospital.pk if hospital else 'all'}.{india_day(now)}"
    lines, present, notices = _kept(f"office.live.{name}", LIVE_SECONDS, lambda: _live(hospital, opds, now))
    day = _kept(f"office.day.{name}", DAY_SECONDS, lambda: _day(opds, now))
    rows = [Row(opd, lines[opd.pk], day.get(opd.pk, Counts())) for opd in opds if opd.pk in lines]
    return Board(hospital=hospital, at=now, rows=rows, present=present, notices=notices)


def _kept[T](key: str, seconds: int, make: Callable[[], T]) -> T:
    found: T | None = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, seconds)
    return found


def _day(opds: list[Opd], now: datetime) -> dict[int, Counts]:
    """What today adds up to; one query."""
    return grouped(counted(Span(opds, india_day(now), india_day(now))), by_opd)


def _live(
    hospital: Hospital | None, opds: list[Opd], now: datetime
) -> tuple[dict[int, Line], list[Present], outbox.Backlog]:
    """What moves by the minute; five queries."""
    line = Token.objects.filter(state=State.WAITING, opd__in=opds).order_by().values("opd")
    waiting = {
        row["opd"]: (row["count"], row["first"]) for row in line.annotate(count=Count("pk"), first=Min("joined_at"))
    }
    desks: dict[int, dict[str, int]] = {opd.pk: {} for opd in opds}
    doctors = Doctor.objects.filter(opd__in=opds, staff__is_active=True).order_by()
    for row in doctors.values("opd", "state").annotate(count=Count("pk")):
        desks[row["opd"]][row["state"]] = row["count"]
    lines = {}
    for opd in opds:
        count, first = waiting.get(opd.pk, (0, None))
        longest = max(0, int((now - first) / timedelta(minutes=1))) if first else None
        lines[opd.pk] = Line(waiting=count, longest=longest, doctors=desks[opd.pk])
    return lines, _present(hospital, now) if hospital else [], outbox.backlog(now=now)


def _present(hospital: Hospital, now: datetime) -> list[Present]:
    """The hospital's doctors in the order of their OPDs."""
    time = now.astimezone(INDIA).time()
    today = Duty.objects.filter(doctor=OuterRef("pk"), day=india_day(now)).values("part")
    doctors = (
        Doctor.objects.filter(hospital=hospital, staff__is_active=True)
        .annotate(duty=Subquery(today))
        .select_related("staff", "opd")
        .order_by("opd", "staff__first_name", "staff__last_name")
    )
    present = []
    for doctor in doctors:
        duty = DutyPart(doctor.duty) if doctor.duty else None
        away = doctor.state == DoctorState.OFFLINE
        present.append(Present(doctor, duty, missing=duty is not None and away and duty_now(duty, time)))
    return present
