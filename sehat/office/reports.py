"""Reports by day, week or OPD, as a page and as CSV. Counts and times; no clinical text, no name of a patient."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sehat.accounts.sessions import StaffRequest, role_required
from sehat.audit import services as audit
from sehat.clinic import queries as clinic
from sehat.clinic.models import Hospital
from sehat.kernel.clock import india_day, now
from sehat.office.counting import (
    Counts,
    Kept,
    Span,
    Times,
    by_day,
    by_opd,
    by_week,
    counts,
    promises_kept,
    times,
)
from sehat.office.forms import SpanForm
from sehat.office.scope import MANAGERS, about, scope
from sehat.prescription.models import OUTCOMES, RULES, Objection

GROUPS = {"day": by_day, "week": by_week, "opd": by_opd}


@dataclass(frozen=True)
class Row:
    """One day, week or OPD. `times` and `kept` are None where nothing is known."""

    group: Any
    counts: Counts
    times: Times | None
    kept: Kept | None


def rows_of(span: Span, by: str) -> list[Row]:
    """The report, newest first; three queries. OPDs stand in their own order."""
    group = GROUPS[by]
    counted, lengths, kept = counts(span, group), times(span, group), promises_kept(span, group)
    rows = [Row(key, counted[key], lengths.get(key), kept.get(key)) for key in counted]
    if by == "opd":
        names = {opd.pk: opd for opd in span.opds}
        return [Row(names[row.group], row.counts, row.times, row.kept) for row in sorted(rows, key=lambda r: r.group)]
    return sorted(rows, key=lambda row: row.group, reverse=True)


def total_of(rows: list[Row]) -> Counts:
    """All rows together."""
    total = Counts()
    for row in rows:
        for kind, number in row.counts.numbers.items():
            total.numbers[kind] = total.of(kind) + number
    return total


def objections(span: Span) -> list[tuple[str, int, int]]:
    """Each rule that stood against a prescription: its name, how often it refused, how often it was overruled."""
    found: dict[str, dict[bool, int]] = {}
    stood = span.tokens(Objection.objects.all(), "consultation__token__", "consultation__doctor")
    for rule, overruled, number in stood.values_list("rule", "overruled").annotate(Count("pk")):
        found.setdefault(rule, {})[overruled] = number
    return [
        (str(name), found[rule].get(False, 0), found[rule].get(True, 0))
        for rule, name in RULES.items()
        if rule in found
    ]


def _asked(request: StaffRequest) -> tuple[Hospital | None, SpanForm, Span | None]:
    """Whose report, the form as it was sent, and the span of a valid one."""
    hospital = scope(request)
    opds = clinic.opds_of(hospital)
    form = SpanForm(request.GET, opds=opds, today=india_day(now()))
    if not form.is_valid():
        return hospital, form, None
    data = form.cleaned_data
    chosen = [data["opd"]] if data["opd"] else list(opds)
    return hospital, form, Span(chosen, data["frm"], data["to"], hospital)


@require_GET
@role_required(*MANAGERS)
def reports(request: StaffRequest) -> HttpResponse:
    """The report of a span of days."""
    hospital, form, span = _asked(request)
    rows = rows_of(span, form.cleaned_data["by"]) if span else []
    context = {
        "form": form,
        "asked": span is not None,
        "by": form.cleaned_data.get("by", ""),
        "rows": rows,
        "total": total_of(rows),
        "outcomes": OUTCOMES.values(),
        "objections": objections(span) if span else [],
        "query": request.GET.urlencode(),
        **about(request, hospital),
    }
    status = HTTPStatus.OK if span else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "office/reports.html", context, status=status)


def _head() -> list[str]:
    return [
        *(_("From"), _("Tokens"), _("Cancelled"), _("Expired"), _("Calls"), _("Missed"), _("Not answered")),
        *(_("Completed"), _("Put back")),
        *(_("Wait, median (min)"), _("Wait, 90 % (min)"), _("Length, median (min)"), _("Length, 90 % (min)")),
        *(_("Promises"), _("Promises kept (%)"), _("Promise, error (min)")),
        *map(str, OUTCOMES.values()),
        *(_("Feedback, number"), _("Feedback, mean")),
    ]


def _cells(row: Row) -> list[object]:
    c, t, k = row.counts, row.times, row.kept
    lengths = [f"{minutes:.0f}" for minutes in (*t.wait, *t.service)] if t else [""] * 4
    return [
        *(str(row.group), c.tokens, c.cancelled, c.expired, c.called, c.missed, c.unanswered, c.completed, c.put_back),
        *lengths,
        *([k.promises, k.share, k.error] if k else [""] * 3),
        *c.outcomes,
        *(c.rated, "" if c.stars is None else f"{c.stars:.2f}"),
    ]


def _csv(name: str, rows: Iterator[list[object]]) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.write("\ufeff")  # without it a spreadsheet takes Hindi for something else
    csv.writer(response).writerows(rows)
    return response


def _name(what: str, frm: date, to: date) -> str:
    return f"sehat-{what}-{frm}-{to}"


@require_GET
@role_required(*MANAGERS)
def reports_csv(request: StaffRequest) -> HttpResponse:
    """The same for a spreadsheet; `?what=rules` gives the guidelines' rules instead. Each download is audited."""
    hospital, form, span = _asked(request)
    if span is None:
        return HttpResponse(status=HTTPStatus.UNPROCESSABLE_ENTITY)
    what = "rules" if request.GET.get("what") == "rules" else "report"
    audit.record(
        actor=request.user, action="report.download", subject=hospital or "clinic.hospital", frm=span.frm, to=span.to
    )
    if what == "rules":
        lines: list[list[object]] = [[_("Rule"), _("Refused"), _("Overruled")], *map(list, objections(span))]
    else:
        lines = [list(_head()), *map(_cells, rows_of(span, form.cleaned_data["by"]))]
    return _csv(_name(what, span.frm, span.to), iter(lines))
