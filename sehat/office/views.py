"""The live board of a commandant and of HQ."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sehat.accounts.sessions import StaffRequest, role_required
from sehat.kernel.clock import now
from sehat.office.board import board as board_of
from sehat.office.scope import MANAGERS, about, scope


@require_GET
@role_required(*MANAGERS)
def board(request: StaffRequest) -> HttpResponse:
    """The OPD day as it stands; the page asks for its live part every few seconds."""
    hospital = scope(request)
    context = {"board": board_of(hospital, now=now())}
    if request.htmx:
        return render(request, "office/board_live.html", context)
    return render(request, "office/board.html", context | about(request, hospital))
