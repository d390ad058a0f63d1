"""Days that are over: counted once and kept, so that a report of a quarter reads some rows instead of five million.

A day of an OPD is closed two hours after midnight, once none of its tokens is open any more: nothing of it changes from
then on, but for what doctors and patients do late. A prescription is taken back or amended, feedback is given, a rule
refuses an amendment: each of these opens its day again (`receivers`), in the transaction that changes it. What is open
is counted when a report is asked for, so reports are always right; closing only makes them cheap.

Any number of processes may close the same day at once, and again: the stamp of the row settles who does (`ReportDay`).
A doctor who moves to another hospital takes along nothing that is closed.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from django.db.models import Count, OuterRef, Subquery

from sehat.clinic.models import Opd
from sehat.kernel.clock import india_day
from sehat.office.counting import NO_DOCTOR, Counts, Key, Span, counted, rows
from sehat.office.models import ReportDay, new_stamp
from sehat.tokens.models import Token
from sehat.tokens.rules import OPEN_STATES

SETTLED = timedelta(hours=2)
"""So long after midnight no transaction of the day before is under way any more."""
AT_ONCE = 31
"""Days that one look closes, the newest first: a portal with years behind it catches up within hours."""
DAY = timedelta(days=1)


def figures(span: Span) -> dict[Key, Counts]:
    """What happened on each OPD's day: of closed days what was kept, of the others what is counted now. Two queries."""
    kept: dict[date, list[tuple[int, dict[str, dict[str, int]]]]] = {}
    closed = ReportDay.objects.filter(
        opd__in=[opd.pk for opd in span.opds], day__range=(span.frm, span.to), closed_at__isnull=False
    )
    for day, opd, numbers in closed.values_list("day", "opd", "numbers"):
        kept.setdefault(day, []).append((opd, numbers))
    still_open = [day for day in span.days if len(kept.get(day, ())) < len(span.opds)]
    found: dict[Key, Counts] = {}
    if still_open:
        found = counted(Span(span.opds, still_open[0], still_open[-1], span.hospital, frozenset(still_open)))
    for day in set(span.days) - set(still_open):
        for opd, numbers in kept[day]:
            if counts := _of(numbers, span):
                found[day, opd] = Counts(counts)
    return found


def _of(numbers: dict[str, dict[str, int]], span: Span) -> Counter[str]:
    """The OPD's own numbers and those of all doctors, or of the hospital's."""
    houses = numbers if span.hospital is None else {str(NO_DOCTOR), str(span.hospital.pk)} & numbers.keys()
    together: Counter[str] = Counter()
    for house in houses:
        together.update(numbers[house])
    return together


def close_due(*, now: datetime) -> int:
    """Close what is over and still open; how many days of OPDs were."""
    first_token = Token.objects.filter(opd=OuterRef("pk")).order_by("day").values("day")[:1]
    opds = list(Opd.objects.annotate(first=Subquery(first_token)))
    begun = [opd.first for opd in opds if opd.first]
    last = india_day(now - SETTLED) - DAY
    if not begun:
        return 0
    closed = dict(
        ReportDay.objects.filter(closed_at__isnull=False, opd__in=opds, day__range=(min(begun), last))
        .values_list("day")
        .annotate(Count("pk"))
        .order_by()
    )
    days = [last - n * DAY for n in range((last - min(begun)).days + 1)]
    wanted = [day for day in days if closed.get(day, 0) < len(opds)]
    return sum(close(day, opds, now=now) for day in wanted[:AT_ONCE])


def close(day: date, opds: Collection[Opd], *, now: datetime) -> int:
    """Count a day that is over and keep what comes out, of each of these OPDs that is open and has no open token; how
    many were closed."""
    ReportDay.objects.bulk_create([ReportDay(opd=opd, day=day) for opd in opds], ignore_conflicts=True)
    stamps = dict(ReportDay.objects.filter(opd__in=opds, day=day, closed_at__isnull=True).values_list("opd", "stamp"))
    busy = Token.objects.filter(opd__in=list(stamps), day=day, state__in=OPEN_STATES).values_list("opd", flat=True)
    ready = stamps.keys() - set(busy)
    found: dict[int, dict[str, dict[str, int]]] = {opd: {} for opd in ready}
    for _day, opd, hospital, kind, number in rows(Span([opd for opd in opds if opd.pk in ready], day, day)):
        found[opd].setdefault(str(hospital), {})[kind] = number
    return sum(
        ReportDay.objects.filter(opd=opd, day=day, stamp=stamps[opd], closed_at__isnull=True).update(
            numbers=numbers, closed_at=now
        )
        for opd, numbers in found.items()
    )


def reopen(keys: Iterable[Key]) -> None:
    """Something of these days has changed, or is about to in the same transaction: they are to be counted anew."""
    ReportDay.objects.bulk_create(
        [ReportDay(opd_id=opd, day=day, stamp=new_stamp()) for day, opd in keys],
        update_conflicts=True,
        unique_fields=["opd", "day"],
        update_fields=["stamp", "closed_at"],
    )


def recount(frm: date, to: date, *, now: datetime) -> list[date]:
    """Close these days anew, as far as they are over; the days whose figures were other ones before."""
    opds = list(Opd.objects.all())
    last = min(to, india_day(now - SETTLED) - DAY)
    others = []
    for day in (frm + n * DAY for n in range((last - frm).days + 1)):
        before = dict(ReportDay.objects.filter(day=day, opd__in=opds).values_list("opd", "numbers"))
        reopen((day, opd.pk) for opd in opds)
        close(day, opds, now=now)
        after = dict(ReportDay.objects.filter(day=day, opd__in=opds).values_list("opd", "numbers"))
        if any(before.get(opd, {}) != numbers for opd, numbers in after.items()):
            others.append(day)
    return others
