"""The doctor's form: shown as it was left, saved and judged at every change, sent to be issued."""

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sehat.accounts.rules import CLINICAL
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.clinic.errors import OpdClosed
from sehat.consultation import queries as consultations
from sehat.consultation.errors import ConsultationOver
from sehat.consultation.models import Consultation
from sehat.consultation.rules import Mode
from sehat.kernel.clock import india_day, now
from sehat.prescription import changing, judging, making, queries, services, starting
from sehat.prescription.dosage import SUGGESTED_FREQUENCIES
from sehat.prescription.errors import NotAllowed, OpenElsewhere
from sehat.prescription.models import MODES
from sehat.prescription.paper import KEPT, Paper
from sehat.prescription.phrases import USUAL
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
        return {"mode": MODES[self.mode], "seconds": self.seconds, "needed": settings.VIDEO_SECONDS}


def _door(request: StaffRequest, ref: str) -> queries.Desk:
    """The doctor's own consultation, as long as the doctor is in it; else 404."""
    found = queries.desk(request.user.pk, ref)
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


def _sent(request: HttpRequest, consultation: Consultation) -> Paper:
    token = consultation.token
    body = dict(request.POST.lists())
    return Paper(body, today=india_day(now()), opd=token.opd, patient=token.patient, is_sent=True)


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
        "frequencies": SUGGESTED_FREQUENCIES,
        "usual": USUAL,
        "fragment": "HX-Request" in request.headers,
        "wide": True,
    }
    return render(request, "prescription/form.html", context, status=status)


def _show_issued(request: HttpRequest, consultation: Consultation) -> HttpResponse:
    context = {
        "prescription": queries.of_consultation(consultation),
        "consultation": consultation,
        "fragment": "HX-Request" in request.headers,
        "wide": True,
    }
    return render(request, "prescription/issued.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*CLINICAL)
def form(request: StaffRequest, ref: str) -> HttpResponse:
    """The form, as it was left; sent, it issues the prescription."""
    desk = _door(request, ref)
    consultation = desk.consultation
    if desk.is_issued:
        return _show_issued(request, consultation)
    if request.method == "GET":
        making.warm_up()
        return _show(request, consultation, _as_left(desk))
    paper = _sent(request, consultation)
    if "issue" not in request.POST:
        # A browser without scripts sends the whole form for a button among the medicines, too.
        good = changing.change(paper, request.POST.dict())
        return _show(request, consultation, paper, status=_status(good))
    written = paper.understood()
    if written is None:
        return _show(request, consultation, paper, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    issue = partial(services.issue, written=written, window=paper.window, now=now())
    try:
        issue(consultation=consultation, doctor=consultation.doctor)
    except OpenElsewhere as refusal:
        return _show(request, consultation, paper, status=refusal.status, elsewhere=True)
    except (ConsultationOver, NotAllowed, OpdClosed, OpdFull) as refusal:
        return _show(request, consultation, paper, status=refusal.status, refusal=str(refusal))
    if "HX-Request" not in request.headers:
        return redirect("prescription:form", ref)
    return _show_issued(request, consultation)


def _status(good: bool) -> HTTPStatus:
    return HTTPStatus.OK if good else HTTPStatus.UNPROCESSABLE_ENTITY


def _as_left(desk: queries.Desk) -> Paper:
    draft, token, today = desk.draft, desk.consultation.token, india_day(now())
    body = draft.body if draft and draft.body else starting.body(desk.consultation, today=today)
    version = str(draft.version) if draft else "0"
    return Paper(body, today=today, opd=token.opd, patient=token.patient, version=version)


@require_POST
@role_required(*CLINICAL)
def medicines(request: StaffRequest, ref: str) -> HttpResponse:
    """The part of the form with the medicines, after one of its buttons; the draft is kept with the change."""
    desk = _door(request, ref)
    paper = _sent(request, desk.consultation)
    status = _status(changing.change(paper, request.POST.dict()))
    if not _keep(request, desk.consultation, paper.kept):
        status = HTTPStatus.CONFLICT
    reached = _judge(desk.consultation, paper)
    context = {"consultation": desk.consultation, "paper": paper, "reached": reached.words}
    return render(request, "prescription/medicines.html", context, status=status)


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
    desk = _door(request, ref)
    window, moment = _window(request), now()
    if window is None:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    claim, consultation = request.POST.get("claim", ""), desk.consultation
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
    paper = _sent(request, consultation)
    if not paper.lines_to_judge:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    reached = _judge(consultation, paper)
    return render(request, "prescription/states.html", {"paper": paper, "reached": reached.words})


@require_GET
@role_required(*CLINICAL)
def brief(request: StaffRequest, ref: str) -> HttpResponse:
    """What was known before: allergies, medicines in use, the last prescription."""
    desk = _door(request, ref)
    context = {"brief": starting.brief(desk.consultation, today=india_day(now()))}
    return render(request, "prescription/brief.html", context)
