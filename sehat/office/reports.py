"""Reports by day, week or OPD, as a page and as CSV. Counts and times; no clinical text, no name of a patient."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sehat.accounts.sessions import StaffRequest, role_required
from sehat.audit import services as audit
from sehat.clinic import queries as clinic
from sehat.clinic.models import Hospital
from sehat.kernel.clock import india_day, now
from sehat.office import days
from sehat.office.counting import Counts, Span, by_day, by_opd, by_week, grouped
from sehat.office.forms import SpanForm
from sehat.office.scope import MANAGERS, about, scope
from sehat.prescription.models import OUTCOMES, RULES

GROUPS = {"day": by_day, "week": by_week, "opd": by_opd}


@dataclass(frozen=True)
class Row:
    """One day, week or OPD."""

    group: Any
    counts: Counts


def rows_of(span: Span, by: str) -> list[Row]:
    """The report, newest first; two queries. OPDs stand in their own order."""
    found = grouped(days.figures(span), GROUPS[by])
    if by == "opd":
        return [Row(opd, found[opd.pk]) for opd in sorted(span.opds, key=lambda opd: opd.pk) if opd.pk in found]
    return [Row(key, found[key]) for key in sorted(found, reverse=True)]


def total_of(rows: list[Row]) -> Counts:
    """All rows together."""
    total = Counts()
    for row in rows:
        total.numbers.update(row.counts.numbers)
    return total


def objections(counts: Counts) -> list[tuple[str, int, int]]:
    """Each rule that stood against a prescription: its name, how often it refused, how often it was overruled."""
    found = [(str(name), counts.of(f"refused {rule}"), counts.of(f"overruled {rule}")) for rule, name in RULES.items()]
    return [row for row in found if row[1] or row[2]]


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
    total = total_of(rows)
    context = {
        "form": form,
        "asked": span is not None,
        "by": form.cleaned_data.get("by", ""),
        "rows": rows,
        "total": total,
        "outcomes": OUTCOMES.values(),
        "objections": objections(total),
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
    c, t, k = row.counts, row.counts.times, row.counts.kept
    lengths = [*t.wait, *t.service] if t else [""] * 4
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
    rows = rows_of(span, form.cleaned_data["by"])
    if what == "rules":
        rules = objections(total_of(rows))
        lines: list[list[object]] = [[_("Rule"), _("Refused"), _("Overruled")], *map(list, rules)]
    else:
        lines = [list(_head()), *map(_cells, rows)]
    return _csv(_name(what, span.frm, span.to), iter(lines))
