"""Counts and quantiles in SQL, the same on both databases: one query each, whatever the number of rows.

Everything starts at the tokens of some OPDs and days, which an index finds, and goes on along foreign keys.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.expressions import BaseExpression, Combinable, Expression
from django.db.models.functions import Abs, Concat, RowNumber, TruncWeek

from sehat.clinic.models import Hospital, Opd
from sehat.consultation.models import Consultation, Feedback
from sehat.consultation.rules import Outcome as Ending
from sehat.papers.rules import Status
from sehat.prescription.models import Prescription
from sehat.prescription.rules import Outcome
from sehat.tokens.models import Token
from sehat.tokens.rules import State
from sehat.waiting.models import Call, Promise
from sehat.waiting.rules import CallState

PARTS = (50, 90)
"""The parts, in per cent, that are told: the median, and what nine in ten stay below."""

Group = Callable[[str], F | BaseExpression]
"""By what to count: an expression of a token's fields, given the way to the token (`token__`)."""


def by_opd(way: str) -> F | BaseExpression:
    """One group for each OPD."""
    return F(f"{way}opd")


def by_day(way: str) -> F | BaseExpression:
    """One group for each OPD day."""
    return F(f"{way}day")


def by_week(way: str) -> F | BaseExpression:
    """One group for each week, named by its Monday."""
    return TruncWeek(f"{way}day")


@dataclass(frozen=True)
class Span:
    """What is counted: the tokens of these OPDs on these days; of their calls and consultations those of the
    hospital's doctors, where one is named.
    """

    opds: Collection[Opd]
    frm: date
    to: date
    hospital: Hospital | None = None

    def tokens(self, rows: QuerySet[Any], way: str = "", doctor: str = "") -> QuerySet[Any]:
        """The rows that belong here: `way` leads to their token, `doctor` to their doctor."""
        mine = {f"{doctor}__hospital": self.hospital} if doctor and self.hospital else {}
        # A list of keys and not a subquery: the planner sees how few they are.
        opds = [opd.pk for opd in self.opds]
        return rows.filter(**{f"{way}opd__in": opds, f"{way}day__range": (self.frm, self.to)}, **mine).order_by()


@dataclass
class Counts:
    """How many of each kind of thing happened."""

    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, kind: str) -> int:
        """How many; of a kind that did not happen: 0."""
        return self.numbers.get(kind, 0)

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


def counts(span: Span, group: Group) -> dict[Any, Counts]:
    """Tokens and calls by state, consultations and prescriptions by outcome, feedback: by group, in one query."""

    def part(rows: QuerySet[Any], kind: str, of: str, way: str, doctor: str = "", number: Any = None) -> QuerySet[Any]:
        words = [Value(kind), *([F(of)] if of else [Value("")])]
        return (
            span.tokens(rows, way, doctor)
            .annotate(group=group(way), kind=Concat(*words, output_field=CharField()))
            .values("group", "kind")
            .annotate(number=number or Count("pk"))
            .values_list("group", "kind", "number")
        )

    ended = Consultation.objects.exclude(outcome=Ending.OPEN)
    valid = Prescription.objects.filter(status=Status.ISSUED)
    there = "consultation__token__", "consultation__doctor"
    found: dict[Any, Counts] = {}
    for key, kind, number in part(Token.objects.all(), "token ", "state", "").union(
        part(Call.objects.all(), "call ", "state", "token__", "doctor"),
        part(ended, "ended ", "outcome", "token__", "doctor"),
        part(valid, "outcome ", "outcome", *there),
        part(Feedback.objects.all(), "rated", "", *there),
        part(Feedback.objects.all(), "stars", "", *there, number=Sum("stars")),
        all=True,
    ):
        found.setdefault(key, Counts()).numbers[kind] = number
    return found


def _rank_of(part: int) -> Combinable:
    """The rank at or below which that part of a group lies: whole numbers, rounded up."""
    return (F("of") * part + 99) / 100


def _ranked(rows: QuerySet[Any], values: Mapping[str, Expression], group: F | BaseExpression) -> QuerySet[Any]:
    """Each row with its values, its rank by each of them within its group, and the size of the group."""
    ranks = {
        f"rank_{name}": Window(RowNumber(), partition_by=[group], order_by=value) for name, value in values.items()
    }
    return rows.annotate(group=group, of=Window(Count("pk"), partition_by=[group]), **values, **ranks)


def _between(later: str, earlier: str) -> Expression:
    return ExpressionWrapper(F(later) - F(earlier), output_field=DurationField())


@dataclass(frozen=True)
class Times:
    """Median and ninetieth percentile, in minutes: of the wait from joining to the doctor, and of the consultation."""

    wait: tuple[float, ...]
    service: tuple[float, ...]


def times(span: Span, group: Group) -> dict[Any, Times]:
    """How long the completed tokens waited and were served; a group without any is not there."""
    served = span.tokens(Token.objects.filter(state=State.COMPLETED, consulting_at__isnull=False), doctor="")
    served = served.filter(joined_at__isnull=False)
    values = {"wait": _between("consulting_at", "joined_at"), "service": _between("moved_at", "consulting_at")}
    wanted = Q()
    for name in values:
        for part in PARTS:
            wanted |= Q(**{f"rank_{name}": _rank_of(part)})
    found: dict[Any, dict[str, dict[int, float]]] = {}
    sizes: dict[Any, int] = {}
    fields = ["group", "of", *(field for name in values for field in (f"rank_{name}", name))]
    for key, of, *pairs in _ranked(served, values, group("")).filter(wanted).values_list(*fields):
        sizes[key] = of
        ranks = found.setdefault(key, {name: {} for name in values})
        for name, rank, length in zip(values, pairs[::2], pairs[1::2], strict=True):
            ranks[name][rank] = length.total_seconds() / 60
    return {
        key: Times(**{name: tuple(ranks[name][(sizes[key] * part + 99) // 100] for part in PARTS) for name in values})
        for key, ranks in found.items()
    }


@dataclass(frozen=True)
class Kept:
    """How good the promised waits were: how many, the share (per cent) that came true, the median error in minutes.

    The error is the distance of the wait that came true from the middle of the promised range.
    """

    promises: int
    share: int
    error: int


def promises_kept(span: Span, group: Group) -> dict[Any, Kept]:
    """How good the promises were whose patient was called; a group without any is not there."""
    held = span.tokens(Promise.objects.filter(waited__isnull=False), "token__")
    inside = Case(
        When(waited__gte=F("low") * 60, waited__lte=F("high") * 60, then=1), default=0, output_field=IntegerField()
    )
    error = Abs(F("waited") - (F("low") + F("high")) * 30, output_field=IntegerField())
    ranked = _ranked(held, {"error": error}, group("token__")).annotate(
        inside=Window(Sum(inside), partition_by=[group("token__")])
    )
    return {
        key: Kept(promises=of, share=round(100 * hits / of), error=round(seconds / 60))
        for key, of, hits, seconds in ranked.filter(rank_error=_rank_of(PARTS[0])).values_list(
            "group", "of", "inside", "error"
        )
    }
