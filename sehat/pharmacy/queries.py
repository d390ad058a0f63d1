"""Doors to supplies, and what is left of a prescription."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from sehat.clinic.models import Store
from sehat.kernel.clock import INDIA
from sehat.kernel.paging import cut
from sehat.pharmacy.models import Balance, Supply
from sehat.pharmacy.rules import END_STATES, OPEN_STATES, Progress, State, progress
from sehat.prescription.models import Prescription, PrescriptionLine
from sehat.registration.models import Patient

AT_ONCE = 20
"""Orders on one page of the store's list."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A line and what of it was handed out, in its unit."""

    line: PrescriptionLine
    dispensed: int

    @property
    def left(self) -> int:
        """What may still be handed out."""
        return self.line.quantity - self.dispensed


def rests(prescription: Prescription) -> list[Rest]:
    """Line by line. What was handed out by the prescription that this one replaces counts for the same medicine."""
    lines = list(prescription.lines.select_related("balance"))
    if any(not hasattr(line, "balance") for line in lines):
        carried = _handed_out_before(prescription)
        return [Rest(line, min(line.quantity, carried.get(line.code, 0))) for line in lines]
    return [Rest(line, line.balance.dispensed) for line in lines]


def _handed_out_before(prescription: Prescription) -> dict[str, int]:
    before = prescription.replaces
    return {rest.line.code: rest.dispensed for rest in rests(before)} if before else {}


def progress_of(prescription: Prescription) -> Progress:
    """How much of it was handed out."""
    return progress((rest.line.quantity, rest.dispensed) for rest in rests(prescription))


def open_supply_of(prescription: Prescription) -> Supply | None:
    """The one that is on its way; there is one at most."""
    return _whole().filter(prescription=prescription, state__in=OPEN_STATES).first()


def last_supply_of(prescription: Prescription) -> Supply | None:
    """The newest one, whatever became of it."""
    return _whole().filter(prescription=prescription).order_by("-id").first()


def of_store(store: Store, ref: str) -> Supply | None:
    """An order of this store; those of others do not exist here."""
    return _whole().filter(store=store, ref=ref).first()


def prescription_of(patient: Patient, ref: str) -> Prescription | None:
    """The patient's own prescription."""
    return Prescription.objects.select_related("amended_by").filter(patient=patient, ref=ref).first()


def by_mobile(mobile: str, letters: str) -> Prescription | None:
    """The patient's newest prescription whose number ends in these letters, as `rules.last_letters` read them."""
    return (
        Prescription.objects.filter(patient__mobile=mobile, number__endswith=letters)
        .order_by("-issued_at", "-id")
        .first()
    )


def _whole() -> QuerySet[Supply]:
    return Supply.objects.select_related("prescription__amended_by", "patient", "store__hospital")


@dataclass(frozen=True, slots=True)
class Page:
    """Some orders of a store, and the key to go on with (`after`), None at the end."""

    supplies: Sequence[Supply]
    after: int | None


def orders(store: Store, states: tuple[State, ...], *, since: datetime | None = None, after: int = 0) -> Page:
    """The store's orders in these states, oldest first. `partly` on each: something of the prescription is left;
    `begun`: something of it was handed out before.
    """
    balances = Balance.objects.filter(line__prescription=OuterRef("prescription"))
    found = (
        _whole()
        .filter(store=store, state__in=states, pk__gt=after)
        .annotate(
            partly=Exists(balances.filter(dispensed__lt=F("prescribed"))),
            begun=Exists(balances.filter(dispensed__gt=0)),
        )
        .order_by("id")
    )
    if since:
        found = found.filter(moved_at__gte=since)
    return Page(*cut(found[: AT_ONCE + 1], AT_ONCE))


def counts(store: Store, *, now: datetime) -> dict[str, int]:
    """How many of the store's orders stand where; `done` are those that ended today in India."""
    open_ones = {str(state): Count("id", filter=Q(state=state)) for state in OPEN_STATES}
    done = Count("id", filter=Q(state__in=END_STATES))
    today = Q(state__in=OPEN_STATES) | Q(state__in=END_STATES, moved_at__gte=begin_of_day(now))
    return Supply.objects.filter(today, store=store).aggregate(**open_ones, done=done)


def begin_of_day(now: datetime) -> datetime:
    """Midnight in India before `now`."""
    return timezone.localtime(now, INDIA).replace(hour=0, minute=0, second=0, microsecond=0)
