"""The patient's page of the medicines: choose, change, cancel, say that they have come."""

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from sehat.kernel.clock import now
from sehat.kernel.errors import Refusal
from sehat.pharmacy import queries, services
from sehat.pharmacy.errors import AllDispensed, NotToBeDispensed
from sehat.pharmacy.forms import ChoiceForm
from sehat.pharmacy.models import Supply
from sehat.pharmacy.rules import OPEN_STATES, State
from sehat.prescription.models import Prescription
from sehat.registration.sessions import PatientRequest, patient_required


def _door(request: PatientRequest, ref: str) -> Prescription:
    """The patient's own prescription; else 404."""
    found = queries.prescription_of(request.patient, ref)
    if found is None:
        raise Http404
    return found


def _supply(request: PatientRequest, ref: str) -> Supply:
    supply = queries.last_supply_of(_door(request, ref))
    if supply is None:
        raise Http404
    return supply


@require_http_methods(["GET", "POST"])
@patient_required
def medicines(request: PatientRequest, ref: str) -> HttpResponseBase:
    """Where the medicines are, and the choice as long as it is open. The SMS link leads here, so the address is shown
    to the signed-in patient only.
    """
    prescription = _door(request, ref)
    supply = queries.last_supply_of(prescription)
    standing = supply if supply and supply.state in OPEN_STATES else None
    form = ChoiceForm(request.POST if request.method == "POST" else None, patient=request.patient, supply=standing)
    if request.method == "POST" and form.is_valid():
        services.choose(patient=request.patient, prescription=prescription, choice=form.choice, now=now())
        return redirect("pharmacy:medicines", ref)
    changing = "change" in request.GET or form.is_bound
    return _show(request, prescription, supply, form if _may_choose(standing, changing=changing) else None)


def _may_choose(standing: Supply | None, *, changing: bool) -> bool:
    return standing is None or (standing.state == State.RECEIVED and changing)


def _show(
    request: HttpRequest, prescription: Prescription, supply: Supply | None, form: ChoiceForm | None
) -> HttpResponse:
    refusal: Refusal | None = None
    try:
        services.check(prescription, now=now())
    except AllDispensed as everything:
        refusal = None if supply else everything
        form = None
    except NotToBeDispensed as found:
        refusal, form = found, None
    context = {
        "prescription": prescription,
        "supply": supply,
        "moves": supply.moves.select_related("store__hospital").order_by("id") if supply else [],
        "rests": queries.rests(prescription),
        "form": form,
        "refusal": refusal,
    }
    wrong = form is not None and form.errors
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return render(request, "pharmacy/medicines.html", context, status=status)


@require_POST
@patient_required
def cancel(request: PatientRequest, ref: str) -> HttpResponseBase:
    """The patient wants them no more, or otherwise."""
    services.give_up(supply=_supply(request, ref), now=now())
    return redirect("pharmacy:medicines", ref)


@require_POST
@patient_required
def arrived(request: PatientRequest, ref: str) -> HttpResponseBase:
    """The parcel has come."""
    services.confirm_arrival(supply=_supply(request, ref), now=now())
    return redirect("pharmacy:medicines", ref)
