"""The pages of the demo: who may log in with what, and the SMS and e-mails as they would arrive."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.http import require_POST, require_safe

from sehat.accounts.models import Staff
from sehat.accounts.rules import FIRST_PAGE
from sehat.clinic.models import Opd
from sehat.entitlement.models import CATEGORIES
from sehat.kernel.clock import now
from sehat.kernel.phones import indian_mobile
from sehat.notices import queries as notices
from sehat.notices.models import Notice
from sehat.site import cast
from sehat.site.simulation import people as robots
from sehat.site.simulation import running, scene
from sehat.site.simulation.rules import Size

View = Callable[[HttpRequest], HttpResponse]


def _there(view: View) -> View:
    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        if not settings.SEHAT_DEMO:
            raise Http404
        return view(request)

    return checked


def demo_only(view: View) -> View:
    """The page is not there where the portal is no demo."""
    return require_safe(_there(view))


@demo_only
def people(request: HttpRequest) -> HttpResponse:
    """Staff with passwords, entitled people with mobiles, a link to every role's first page."""
    opds = {opd.code: str(opd) for opd in Opd.objects.all()}
    staff = [
        {
            "person": person,
            "opd": opds.get(person.doctor.opd, "") if person.doctor else "",
            "role": Staff(role=person.role).get_role_display(),
            "first_page": FIRST_PAGE[person.role],
        }
        for person in cast.STAFF
    ]
    entitled = [{"person": person, "category": CATEGORIES[person.category]} for person in cast.PEOPLE]
    return render(
        request,
        "site/demo.html",
        {"staff": staff, "entitled": entitled, "password": cast.PASSWORD, "seen": cast.PATIENT.person, **_robots()},
    )


def _robots() -> dict[str, object]:
    """What the page says of the simulation; no query where none is running."""
    if not running.is_running():
        return {"running": False}
    return {"running": True, "figures": scene.figures(), "visitor_first": scene.visitor_is_first(now=now())}


@demo_only
def waiting_room(request: HttpRequest) -> HttpResponse:
    """That part of the page alone, asked for every few seconds."""
    return render(request, "site/demo_waiting_room.html", _robots())


@require_POST
@_there
def simulate(request: HttpRequest) -> HttpResponse:
    """Fill the waiting room with sample patients and doctors, or stop them. Refuses NoSimulation."""
    match request.POST.get("do"):
        case "fill":
            running.start(running.Simulation(Size()))
        case "stop":
            running.stop()
    if "HX-Request" in request.headers:
        return render(request, "site/demo_waiting_room.html", _robots())
    return redirect(reverse("site:demo") + "#waiting-room")


@demo_only
def people_json(request: HttpRequest) -> JsonResponse:
    """The same for scripts (interface.md, "Demo mode"), in English."""
    opds = dict(Opd.objects.values_list("code", "name"))
    with override("en"):
        return JsonResponse(
            {
                "staff": [
                    {
                        "role": str(person.role),
                        "username": person.username,
                        "password": cast.PASSWORD,
                        "opd": opds.get(person.doctor.opd, "") if person.doctor else "",
                    }
                    for person in cast.STAFF
                ],
                "entitled": [
                    {
                        "category": str(CATEGORIES[person.category]),
                        "service_number": person.service_number,
                        "name": person.name,
                        "mobile": person.mobile,
                    }
                    for person in cast.PEOPLE
                ],
            }
        )


@demo_only
def outbox(request: HttpRequest) -> HttpResponse:
    """The newest SMS and e-mails."""
    to = request.GET.get("to", "").strip()
    return render(request, "site/demo_outbox.html", {"notices": _newest(to), "to": to})


@demo_only
def outbox_json(request: HttpRequest) -> JsonResponse:
    """The same for scripts, newest first; `?to=` takes a mobile number, however written, or an e-mail address."""
    return JsonResponse(
        [
            {
                "to": notice.to,
                "channel": notice.channel,
                "kind": notice.kind,
                "text": notice.text,
                "sent_at": notice.sent_at,
            }
            for notice in _newest(request.GET.get("to", "").strip())
        ],
        safe=False,
    )


def _newest(to: str) -> list[Notice]:
    # What sample patients are told would bury a visitor's OTP.
    return list(notices.newest(to=indian_mobile(to) or to, but_to=robots.MOBILES))
