"""Counts and spreads in SQL, the same on both databases: one query, whatever the number of rows.

Everything starts at the tokens of some OPDs and days, which an index finds, and goes on along foreign keys. Times are
counted by whole minutes: spreads of several days add up, and their median is the one of all days together.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Abs, Concat

from sehat.clinic.models import Hospital, Opd
from sehat.consultation.models import Consultation, Feedback
from sehat.consultation.rules import Outcome as Ending
from sehat.papers.rules import Status
from sehat.prescription.models import Objection, Prescription
from sehat.prescription.rules import Outcome
from sehat.tokens.models import Token
from sehat.tokens.rules import State
from sehat.waiting.models import Call, Promise
from sehat.waiting.rules import CallState

PARTS = (50, 90)
"""The parts, in per cent, that are told: the median, and what nine in ten stay below."""
NO_DOCTOR = 0
"""In the place of a hospital: what belongs to the OPD, whoever the doctor was."""


@dataclass(frozen=True)
class Span:
    """What is counted: the tokens of these OPDs on these days; of their calls and consultations those of the
    hospital's doctors, where one is named. `only` leaves the other days between the first and the last one out.
    """

    opds: Collection[Opd]
    frm: date
    to: date
    hospital: Hospital | None = None
    only: frozenset[date] | None = None

    @property
    def days(self) -> list[date]:
        """Each of its days."""
        all_days = [self.frm + timedelta(days=n) for n in range((self.to - self.frm).days + 1)]
        return [day for day in all_days if self.only is None or day in self.only]

    def tokens(self, rows: QuerySet[Any], way: str = "", doctor: str = "") -> QuerySet[Any]:
        """The rows that belong here: `way` leads to their token, `doctor` to their doctor."""
        mine = {f"{doctor}__hospital": self.hospital} if doctor and self.hospital else {}
        # Lists of keys and days, and neither a subquery nor a range: the planner sees how few they are.
        opds = [opd.pk for opd in self.opds]
        return rows.filter(**{f"{way}opd__in": opds, f"{way}day__in": self.days}, **mine).order_by()


@dataclass(frozen=True)
class Times:
    """Median and ninetieth percentile, in whole minutes: of the wait from joining to the doctor, and of the
    consultation."""

    wait: tuple[int, ...]
    service: tuple[int, ...]


@dataclass(frozen=True)
class Kept:
    """How good the promised waits were: how many, the share (per cent) that came true, the median error in minutes.

    The error is the distance of the wait that came true from the middle of the promised range.
    """

    promises: int
    share: int
    error: int


@dataclass
class Counts:
    """How many of each kind of thing happened, and how many times took so many minutes (`wait 17`)."""

    numbers: Counter[str] = field(default_factory=Counter)

    def of(self, kind: str) -> int:
        """How many; of a kind that did not happen: 0."""
        return self.numbers[kind]

    @property
    def tokens(self) -> int:
        """Tokens given out."""
        return sum(self.of(f"token {state}") for state in State)

    @property
    def called(self) -> int:
        """Calls made, however they ended."""
        return sum(self.of(f"call {state}") for state in CallState)

    @property
    def missed(self) -> int:
        """Calls in which Call Now was not pressed in time."""
        return self.of(f"call {CallState.MISSED}")

    @property
    def unanswered(self) -> int:
        """Calls that no doctor answered."""
        return self.of(f"call {CallState.UNANSWERED}")

    @property
    def put_back(self) -> int:
        """Consultations that ended with the patient back in the line."""
        return self.of(f"ended {Ending.PUT_BACK}")

    @property
    def completed(self) -> int:
        """Consultations with a prescription issued."""
        return self.of(f"ended {Ending.COMPLETED}")

    @property
    def cancelled(self) -> int:
        """Tokens cancelled."""
        return self.of(f"token {State.CANCELLED}")

    @property
    def expired(self) -> int:
        """Tokens that no doctor reached, or whose patient did not come."""
        return self.of(f"token {State.EXPIRED}")

    @property
    def outcomes(self) -> list[int]:
        """Valid prescriptions by outcome, in the order of the outcomes."""
        return [self.of(f"outcome {outcome}") for outcome in Outcome]

    @property
    def rated(self) -> int:
        """How many patients said how it was."""
        return self.of("rated")

    @property
    def stars(self) -> float | None:
        """The mean of what they said, 1 to 5."""
        return self.of("stars") / self.rated if self.rated else None

    @property
    def times(self) -> Times | None:
        """How long the completed tokens waited and were served; None where there is none."""
        wait, service = self._spread("wait"), self._spread("service")
        return Times(wait=_parts(wait), service=_parts(service)) if wait and service else None

    @property
    def kept(self) -> Kept | None:
        """How good the promises were whose patient was called; None where there is none."""
        errors = self._spread("error")
        if not errors:
            return None
        promises = sum(errors.values())
        return Kept(promises=promises, share=round(100 * self.of("held") / promises), error=_parts(errors)[0])

    def _spread(self, of: str) -> dict[int, int]:
        return {
            int(minutes): number
            for name, _, minutes in (kind.partition(" ") for kind in self.numbers)
            if name == of and (number := self.numbers[f"{of} {minutes}"])
        }


def _parts(spread: Mapping[int, int]) -> tuple[int, ...]:
    """At or below how many minutes each of the `PARTS` lies."""
    ranks = [(sum(spread.values()) * part + 99) // 100 for part in PARTS]
    found, passed = [], 0
    for minutes in sorted(spread):
        before, passed = passed, passed + spread[minutes]
        found += [minutes for rank in ranks if before < rank <= passed]
    return tuple(found)


Key = tuple[date, int]
"""An OPD's day: the day and the OPD's key."""
Group = Callable[[Key], Any]
"""By what to count."""


def by_opd(key: Key) -> int:
    """One group for each OPD."""
    return key[1]


def by_day(key: Key) -> date:
    """One group for each OPD day."""
    return key[0]


def by_week(key: Key) -> date:
    """One group for each week, named by its Monday."""
    return key[0] - timedelta(days=key[0].weekday())


def grouped(found: Mapping[Key, Counts], group: Group) -> dict[Any, Counts]:
    """The days of OPDs added up."""
    together: dict[Any, Counts] = {}
    for key, counts in found.items():
        together.setdefault(group(key), Counts()).numbers.update(counts.numbers)
    return together


class Minutes(Func):
    """A duration in whole minutes; from half a minute on it is the next."""

    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Durations are microseconds there."""
        return self.as_sql(compiler, connection, template="((%(expressions)s + 30000000) / 60000000)", **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Durations are intervals there."""
        template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / 60 + 0.5)::integer"
        return self.as_sql(compiler, connection, template=template, **more)


def _between(later: str, earlier: str) -> Minutes:
    return Minutes(ExpressionWrapper(F(later) - F(earlier), output_field=DurationField()))


def rows(span: Span) -> list[tuple[date, int, int, str, int]]:
    """Day, OPD, hospital (`NO_DOCTOR`: the OPD's own), kind, number: all that happened, in one query.

    Tokens and calls by state, consultations and prescriptions by outcome, feedback, the rules that stood against a
    prescription; how long the completed tokens waited and were served, and how far the promises were off, by minutes.
    """

    def part(found: QuerySet[Any], kind: str, of: Combinable | None, way: str, doctor: str = "", **by: Any) -> Any:
        words = [Value(kind), of or Value("")]
        return (
            span.tokens(found, way, doctor)
            .annotate(
                on=F(f"{way}day"),
                line=F(f"{way}opd"),
                house=F(f"{doctor}__hospital") if doctor else Value(NO_DOCTOR, output_field=BigIntegerField()),
                kind=Concat(*words, output_field=CharField()),
            )
            .values("on", "line", "house", "kind")
            .annotate(number=by.get("number") or Count("pk"))
            .values_list("on", "line", "house", "kind", "number")
        )

    there = "consultation__token__", "consultation__doctor"
    served = Token.objects.filter(state=State.COMPLETED, consulting_at__isnull=False, joined_at__isnull=False)
    promised = Promise.objects.filter(waited__isnull=False)
    inside = Case(
        When(waited__gte=F("low") * 60, waited__lte=F("high") * 60, then=1), default=0, output_field=IntegerField()
    )
    off = Abs(F("waited") - (F("low") + F("high")) * 30, output_field=IntegerField())
    ended = Consultation.objects.exclude(outcome=Ending.OPEN)
    valid = Prescription.objects.filter(status=Status.ISSUED)
    first, *others = [
        part(Token.objects.all(), "token ", F("state"), ""),
        part(served, "wait ", _between("consulting_at", "joined_at"), ""),
        part(served, "service ", _between("moved_at", "consulting_at"), ""),
        part(promised, "error ", (off + 30) / 60, "token__"),
        part(promised, "held", None, "token__", number=Sum(inside)),
        part(Call.objects.all(), "call ", F("state"), "token__", "doctor"),
        part(ended, "ended ", F("outcome"), "token__", "doctor"),
        part(valid, "outcome ", F("outcome"), *there),
        part(Feedback.objects.all(), "rated", None, *there),
        part(Feedback.objects.all(), "stars", None, *there, number=Sum("stars")),
        part(Objection.objects.filter(overruled=False), "refused ", F("rule"), *there),
        part(Objection.objects.filter(overruled=True), "overruled ", F("rule"), *there),
    ]
    with _planned_for_these_days():
        return list(first.union(*others, all=True))


@contextmanager
def _planned_for_these_days() -> Iterator[None]:
    """Without a prepared statement: PostgreSQL plans one that is asked often once for all values, and planned for any
    days, this one reads whole tables for one."""
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    line = connection.connection
    usual, line.prepare_threshold = line.prepare_threshold, None
    try:
        yield
    finally:
        line.prepare_threshold = usual


def counted(span: Span) -> dict[Key, Counts]:
    """What happened on each OPD's day, counted now; a day without anything is not there."""
    found: dict[Key, Counts] = {}
    for day, opd, _hospital, kind, number in rows(span):
        found.setdefault((day, opd), Counts()).numbers[kind] += number
    return found
