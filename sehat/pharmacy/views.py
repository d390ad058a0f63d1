"""The store: its list of the day, the look-up at the counter, and the work on one order."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET, require_POST

from sehat.audit import services as audit
from sehat.kernel import devices
from sehat.kernel.clock import now
from sehat.kernel.errors import Refusal
from sehat.kernel.ids import read_key
from sehat.papers.forms import PaperForm
from sehat.pharmacy import labels as printing
from sehat.pharmacy import looking_up, queries, services
from sehat.pharmacy.doors import StoreRequest, own_supply, store_required
from sehat.pharmacy.errors import MoreThanPrescribed, NoSubstitute, NothingPacked, NotToBeDispensed
from sehat.pharmacy.forms import CodeForm, LineForm, MobileForm, ParcelForm
from sehat.pharmacy.models import STATES, Supply
from sehat.pharmacy.rules import END_STATES, MOVES, STORE_CANCELS, State, Way
from sehat.prescription import queries as prescriptions

SHOWN: dict[str, tuple[State, ...]] = {
    "received": (State.RECEIVED,),
    "preparing": (State.PREPARING,),
    "ready": (State.READY,),
    "sent": (State.SENT,),
    "done": END_STATES,
}
"""The parts of the list, by what stands in the address; `done` holds what ended today."""


@require_GET
@store_required
def day(request: StoreRequest) -> HttpResponse:
    """The store's list of the day, and the look-up; the list alone for who asks again."""
    return _show_day(request, {}, template="pharmacy/day.html#orders" if request.htmx else "pharmacy/day.html")


@devices.uses(devices.CAMERA)
def _show_day(
    request: StoreRequest,
    wrong: dict[str, forms.Form],
    status: int = HTTPStatus.OK,
    template: str = "pharmacy/day.html",
) -> HttpResponse:
    moment = now()
    counts = queries.counts(request.store, now=moment)
    show = request.GET.get("show", "")
    if show not in SHOWN:
        # What waits longest for a hand.
        show = next((part for part in ("received", "preparing", "ready", "sent") if counts[part]), "received")
    after = read_key(request.GET.get("after", "")) or 0
    context = {
        "store": request.store,
        "parts": [(part, counts[part]) for part in SHOWN],
        "show": show,
        "page": queries.orders(
            request.store,
            SHOWN[show],
            since=queries.begin_of_day(moment) if show == "done" else None,
            after=after,
        ),
        "after": after,
        "code": wrong.get("code", CodeForm(autofocus=not wrong)),
        "mobile": wrong.get("mobile", MobileForm()),
        "paper": wrong.get("paper", PaperForm()),
        "wide": True,
    }
    return render(request, template, context, status=status)


@require_POST
@store_required
def look_up(request: StoreRequest) -> HttpResponseBase:
    """To the prescription that is shown. By POST: a number and a mobile belong into no address."""
    how = next((name for name in ("mobile", "paper") if name in request.POST or name in request.FILES), "code")
    form: forms.Form = {"code": CodeForm, "mobile": MobileForm, "paper": PaperForm}[how](request.POST, request.FILES)
    status = int(HTTPStatus.UNPROCESSABLE_ENTITY)
    if form.is_valid():
        try:
            found = _find(how, form.cleaned_data, request)
        except Refusal as refusal:
            form.add_error({"mobile": "letters"}.get(how, how), str(refusal))
            status = refusal.status
        else:
            return redirect("pharmacy:prescription", found.ref)
    return _show_day(request, {how: form}, status)


def _find(how: str, data: dict[str, Any], request: StoreRequest) -> Any:
    if how == "mobile":
        return looking_up.by_mobile(data["mobile"], data["letters"], staff=request.user, now=now())
    if how == "paper":
        paper: UploadedFile = data["paper"]
        return looking_up.by_paper(paper, staff=request.user, now=now())
    return looking_up.by_code(data["code"], staff=request.user, now=now())


@require_GET
@store_required
def prescription(request: StoreRequest, ref: str) -> HttpResponse:
    """What is prescribed and what is left of it; each look is audited."""
    found = prescriptions.by_ref(ref)
    if found is None:
        raise Http404
    audit.record(actor=request.user, action="prescription.look_up", subject=found, store=request.store.pk)
    refusal: Refusal | None = None
    try:
        services.check(found, now=now())
    except NotToBeDispensed as why:
        refusal = why
    context = {
        "prescription": found,
        "rests": queries.rests(found),
        "supply": queries.open_supply_of(found),
        "store": request.store,
        "refusal": refusal,
    }
    return render(request, "pharmacy/prescription.html", context)


@require_POST
@store_required
def serve(request: StoreRequest, ref: str) -> HttpResponseBase:
    """Dispense at this counter."""
    found = prescriptions.by_ref(ref)
    if found is None:
        raise Http404
    supply = services.serve(prescription=found, store=request.store, staff=request.user, now=now())
    return redirect("pharmacy:supply", supply.ref)


@require_GET
@store_required
def supply(request: StoreRequest, ref: str) -> HttpResponse:
    """One order and what is to be done with it."""
    found = own_supply(request, ref)
    return _show_supply(request, found, _line_forms(found, None))


def _line_forms(supply: Supply, data: Any) -> list[LineForm]:
    """A form for each line of which something is left, or lies in the parcel already."""
    if supply.state != State.PREPARING:
        return []
    packed = {row.line_id: row for row in supply.dispensed.all()}
    found = []
    for rest in queries.rests(supply.prescription):
        row = packed.get(rest.line.pk)
        left = rest.left + (row.quantity if row else 0)
        if left:
            first = {"quantity": row.quantity, "code": row.code, "brand": row.brand, "note": row.note} if row else {}
            if row and not row.is_substitute:
                first["code"] = ""
            # Before anything is noted, all that is left is what most patients get.
            initial = first or {"quantity": 0 if packed else left}
            found.append(LineForm(data, line=rest.line, left=left, initial=initial))
    return found


def _show_supply(
    request: StoreRequest,
    supply: Supply,
    lines: list[LineForm],
    parcel: ParcelForm | None = None,
    *,
    refusal: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    onward = [to for to in State if to in MOVES[Way(supply.way)].get(State(supply.state), ()) and to != "cancelled"]
    context = {
        "supply": supply,
        "prescription": supply.prescription,
        "lines": lines,
        "parcel": parcel or ParcelForm(),
        "dispensed": supply.dispensed.select_related("line"),
        "moves": supply.moves.select_related("staff").order_by("id"),
        "onward": [(to.value, STATES[to]) for to in onward],
        "may_cancel": State(supply.state) in STORE_CANCELS,
        "refusal": refusal,
        "wide": True,
    }
    return render(request, "pharmacy/supply.html", context, status=status)


@require_POST
@store_required
def pack(request: StoreRequest, ref: str) -> HttpResponseBase:
    """Note what lies in the parcel; by another button of the same form it goes on at once."""
    found = own_supply(request, ref)
    lines, parcel = _line_forms(found, request.POST), ParcelForm(request.POST)
    then = request.POST.get("then", "")
    if [form for form in (*lines, parcel) if not form.is_valid()]:
        return _show_supply(request, found, lines, parcel, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        services.pack(
            supply=found,
            packed=[form.packed for form in lines],
            staff=request.user,
            now=now(),
            then=State(then) if then in set(State) else None,
            parcel=parcel.cleaned_data["parcel"],
        )
    except (MoreThanPrescribed, NoSubstitute, NothingPacked) as refusal:
        # What was typed must not be lost over it.
        return _show_supply(request, found, lines, parcel, refusal=str(refusal), status=refusal.status)
    return redirect("pharmacy:supply", found.ref)


@require_POST
@store_required
def move(request: StoreRequest, ref: str) -> HttpResponseBase:
    """The other moves of an order: begin, hand over, delivered, cancel."""
    found, to = own_supply(request, ref), request.POST.get("to", "")
    if to == State.PREPARING:
        services.begin(supply=found, staff=request.user, now=now())
    elif to == State.CANCELLED:
        services.cancel(supply=found, staff=request.user, now=now())
    elif to in set(State):
        services.advance(supply=found, to=State(to), staff=request.user, now=now())
    else:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    return redirect("pharmacy:supply", found.ref)


@require_GET
@csp_override({})  # browsers show a PDF by a plugin of theirs, which the pages' policy forbids
@store_required
def labels(request: StoreRequest, ref: str) -> HttpResponse:
    """The labels of what lies in the parcel, as a PDF to be printed."""
    found = own_supply(request, ref)
    rows = list(found.dispensed.select_related("line"))
    if not rows:
        raise Http404
    response = HttpResponse(printing.make(found, rows, now=now()), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{found.prescription.number}-labels.pdf"'
    return response
