"""The doctor's form: shown as it was left, saved and judged at every change, sent to be issued."""

from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sehat.accounts.rules import CLINICAL
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.clinic.errors import OpdClosed
from sehat.consultation import invitations
from sehat.consultation import queries as consultations
from sehat.consultation.errors import ConsultationOver
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Mode, Outcome
from sehat.kernel.clock import india_day, now
from sehat.kernel.files import StoreAway
from sehat.prescription import changing, judging, making, queries, services, starting
from sehat.prescription.errors import NotAllowed, OpenElsewhere
from sehat.prescription.lines import Line
from sehat.prescription.models import MODES, Prescription
from sehat.prescription.paper import KEPT, Paper
from sehat.tokens.errors import OpdFull

MOST_VALUES, MOST_LETTERS = 40, 4000
LONGEST_WINDOW, LONGEST_VERSION = 22, 9


@dataclass(frozen=True, slots=True)
class Reached:
    """How much of a video consultation this is so far."""

    mode: Mode
    seconds: int

    @property
    def words(self) -> dict[str, object]:
        """As the page says it."""
        needed = settings.VIDEO_SECONDS
        minutes = self.seconds // 60 if self.seconds >= needed else 0
        return {"mode": MODES[self.mode], "seconds": self.seconds, "needed": needed, "minutes": minutes}


def door(request: StaffRequest, ref: str) -> Consultation:
    """The doctor's own consultation, as long as the doctor is in it; else 404."""
    found = queries.written_at(request.user.pk, ref)
    if found is None:
        raise Http404
    return found


def _body(request: HttpRequest) -> dict[str, list[str]]:
    """What a draft keeps of a form that was sent."""
    return {
        name: [value[:MOST_LETTERS] for value in request.POST.getlist(name)[:MOST_VALUES]]
        for name in KEPT
        if name in request.POST
    }


def sent(request: HttpRequest, consultation: Consultation) -> Paper:
    """The form as it was sent."""
    return _paper(consultation, dict(request.POST.lists()), is_sent=True)


def _paper(
    consultation: Consultation, body: dict[str, list[str]], *, is_sent: bool = False, version: str = ""
) -> Paper:
    token = consultation.token
    return Paper(
        body,
        today=india_day(now()),
        opd=token.opd,
        patient=token.patient,
        is_emergency=token.is_emergency,
        is_sent=is_sent,
        version=version,
    )


def _judge(consultation: Consultation, paper: Paper) -> Reached:
    """Tell each line what the guidelines say of it by what is written now."""
    reached = Reached(*consultations.achieved_so_far(consultation))
    paper.judge(
        lambda: judging.circumstances(
            consultation, clinical=paper.stated, conditions=paper.conditions, mode=reached.mode, today=paper.today
        )
    )
    return reached


def _show(
    request: HttpRequest, consultation: Consultation, paper: Paper, *, status: int = 200, **more: object
) -> HttpResponse:
    reached = _judge(consultation, paper)
    context = {
        **more,
        "consultation": consultation,
        "paper": paper,
        "reached": reached.words,
        "fragment": "HX-Request" in request.headers,
        "wide": True,
    }
    return render(request, "prescription/form.html", context, status=status)


def _show_issued(request: HttpRequest, consultation: Consultation, issued: Prescription) -> HttpResponse:
    context = {
        "prescription": issued,
        "consultation": consultation,
        "fragment": "HX-Request" in request.headers,
        "wide": True,
    }
    return render(request, "prescription/issued.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*CLINICAL)
def form(request: StaffRequest, ref: str) -> HttpResponse:
    """The form, as it was left; sent, it issues the prescription."""
    consultation = door(request, ref)
    # An issue completes the consultation, in one transaction.
    if consultation.outcome != Outcome.OPEN and (issued := queries.of_consultation(consultation)):
        return _show_issued(request, consultation, issued)
    if request.method == "GET":
        making.warm_up()
        return _show(request, consultation, _as_left(consultation))
    paper = sent(request, consultation)
    if "issue" not in request.POST:
        # A browser without scripts sends the whole form for a button among the medicines, too.
        good = _changed(request, consultation, paper)
        return _show(request, consultation, paper, status=_status(good))
    written = paper.understood()
    if written is None:
        return _show(request, consultation, paper, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    whole = consultations.of_doctor(request.user.pk, ref)
    if whole is None:
        raise Http404
    try:
        issued = services.issue(
            consultation=whole, doctor=whole.doctor, written=written, window=paper.window, now=now()
        )
    except OpenElsewhere as refusal:
        return _show(request, consultation, paper, status=refusal.status, elsewhere=True)
    except (ConsultationOver, NotAllowed, OpdClosed, OpdFull, StoreAway) as refusal:
        return _show(request, consultation, paper, status=refusal.status, refusal=str(refusal))
    if "HX-Request" not in request.headers:
        return redirect("prescription:form", ref)
    return _show_issued(request, consultation, issued)


def _changed(request: HttpRequest, consultation: Consultation, paper: Paper) -> bool:
    return changing.change(paper, request.POST.dict(), last=lambda: _last_lines(consultation))


def _last_lines(consultation: Consultation) -> list[Line]:
    before = queries.last_before(consultation)
    return [Line.of_issued(line) for line in before.lines.all()] if before else []


def show_changed(request: HttpRequest, consultation: Consultation, paper: Paper) -> HttpResponse:
    """The whole form after a change that the server made, kept as draft."""
    overtaken = not _keep(request, consultation, paper.kept)
    status = HTTPStatus.CONFLICT if overtaken else HTTPStatus.OK
    return _show(request, consultation, paper, status=status, elsewhere=overtaken)


def _status(good: bool) -> HTTPStatus:
    return HTTPStatus.OK if good else HTTPStatus.UNPROCESSABLE_ENTITY


def _as_left(consultation: Consultation) -> Paper:
    draft = queries.draft_of(consultation)
    body = draft.body if draft and draft.body else starting.body(consultation, today=india_day(now()))
    return _paper(consultation, body, version=str(draft.version) if draft else "0")


@require_POST
@role_required(*CLINICAL)
def medicines(request: StaffRequest, ref: str) -> HttpResponse:
    """The part of the form with the medicines, after one of its buttons; the draft is kept with the change."""
    consultation = door(request, ref)
    paper = sent(request, consultation)
    status = _status(_changed(request, consultation, paper))
    if not _keep(request, consultation, paper.kept):
        status = HTTPStatus.CONFLICT
    _judge(consultation, paper)
    context = {"consultation": consultation, "paper": paper}
    # Neither part asks the request for anything, and reads no session for it.
    return HttpResponse(render_to_string("prescription/medicines.html", context), status=status)


def _keep(request: HttpRequest, consultation: Consultation, body: dict[str, list[str]]) -> bool:
    """Keep the draft with a change, where a window with scripts has sent it. False: a newer window has taken over."""
    window = _window(request)
    if window is None:
        return True
    try:
        services.save_draft(consultation=consultation, window=window.name, version=window.version, body=body, now=now())
    except OpenElsewhere:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Window:
    name: str
    version: int


def _window(request: HttpRequest) -> _Window | None:
    """Which browser window has sent the form, and its how manieth save this is; None where it says neither."""
    name, version = request.POST.get("window", "")[:LONGEST_WINDOW], request.POST.get("version", "")
    if not name or not version.isdecimal() or len(version) > LONGEST_VERSION:
        return None
    return _Window(name, int(version))


@require_POST
@role_required(*CLINICAL)
def draft(request: StaffRequest, ref: str) -> HttpResponse:
    """Keep the draft. `judge`: answer what the guidelines say of each line now. `claim=open`: a window that was just
    opened; `claim=force`: go on here. 205: show the form anew.
    """
    consultation = door(request, ref)
    window, moment = _window(request), now()
    if window is None:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    claim = request.POST.get("claim", "")
    if claim == "open":
        seen = services.open_draft(consultation=consultation, window=window.name, seen=window.version, now=moment)
        return HttpResponse(status=HTTPStatus.NO_CONTENT if seen else HTTPStatus.RESET_CONTENT)
    body = _body(request)
    if claim == "force":
        newest = services.take_over_draft(consultation=consultation, window=window.name, body=body, now=moment)
        return JsonResponse({"version": newest})
    services.save_draft(consultation=consultation, window=window.name, version=window.version, body=body, now=moment)
    if "judge" not in request.POST:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return _states(request, consultation)


def _states(request: HttpRequest, consultation: Consultation) -> HttpResponse:
    paper = sent(request, consultation)
    if not paper.lines_to_judge and not paper.stated.allergies:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    reached = _judge(consultation, paper)
    return HttpResponse(render_to_string("prescription/states.html", {"paper": paper, "reached": reached.words}))


@require_GET
@role_required(*CLINICAL)
def brief(request: StaffRequest, ref: str) -> HttpResponse:
    """What was known before: allergies, medicines in use, the last prescription; for an invited doctor, too."""
    consultation = invitations.in_front_of(request.user.pk, ref)
    if consultation is None:
        raise Http404
    context = {"brief": starting.brief(consultation, today=india_day(now()))}
    return render(request, "prescription/brief.html", context)
