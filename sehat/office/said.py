"""What patients said: the means for everybody here, the words only for a recorded reason (domain.md, "People")."""

from datetime import timedelta
from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from sehat.accounts.sessions import StaffRequest, role_required
from sehat.audit import services as audit
from sehat.clinic import queries as clinic
from sehat.consultation.models import Feedback
from sehat.kernel.clock import india_day, now
from sehat.office import days
from sehat.office.counting import Span, by_opd, grouped
from sehat.office.forms import ReasonForm
from sehat.office.scope import MANAGERS, about, scope

BACK = timedelta(days=30)
AT_ONCE = 200


@require_http_methods(["GET", "POST"])
@role_required(*MANAGERS)
def said(request: StaffRequest) -> HttpResponse:
    """The last thirty days: means by OPD; after a reason the lines, newest first, without the patients' names."""
    hospital, today = scope(request), india_day(now())
    opds = list(clinic.opds_of(hospital))
    span = Span(opds, today - BACK, today, hospital)
    counted = grouped(days.figures(span), by_opd)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    lines = None
    if request.method == "POST" and form.is_valid():
        audit.record(
            actor=request.user,
            action="feedback.read",
            subject=hospital or "clinic.hospital",
            reason=form.cleaned_data["reason"],
        )
        there = span.tokens(Feedback.objects.exclude(text=""), "consultation__token__", "consultation__doctor")
        lines = there.select_related("consultation__token__opd").order_by("-given_at")[:AT_ONCE]
    context = {
        "rows": [(opd, counted[opd.pk]) for opd in opds if opd.pk in counted and counted[opd.pk].rated],
        "form": form,
        "lines": lines,
        **about(request, hospital),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "office/said.html", context, status=status)
