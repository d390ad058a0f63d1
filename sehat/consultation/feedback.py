"""After the consultation: the patient says how it was (domain.md, "After the consultation")."""

from http import HTTPStatus

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from sehat.consultation import queries, services
from sehat.consultation.forms import FeedbackForm
from sehat.consultation.rules import Outcome
from sehat.kernel.clock import now
from sehat.registration.sessions import PatientRequest, patient_required


@require_http_methods(["GET", "POST"])
@patient_required
def give(request: PatientRequest, ref: str) -> HttpResponse:
    """1 to 5 and a line, on one of the patient's own consultations that is completed."""
    consultation = queries.of_patient(request.patient, ref)
    if consultation is None or consultation.outcome != Outcome.COMPLETED:
        raise Http404
    context = {"consultation": consultation}
    if request.method == "POST":
        form = FeedbackForm(request.POST)
        if form.is_valid():
            services.give_feedback(consultation=consultation, now=now(), **form.cleaned_data)
            return render(request, "consultation/feedback.html", context | {"thanks": True})
    else:
        said = queries.feedback_of(consultation)
        form = FeedbackForm(initial={"stars": said.stars, "text": said.text} if said else None)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "consultation/feedback.html", context | {"form": form}, status=status)


@require_GET
@patient_required
def last(request: PatientRequest) -> HttpResponse:
    """To the page of the newest completed consultation."""
    consultation = queries.completed_of(request.patient).first()
    if consultation is None:
        raise Http404
    return redirect("consultation:feedback", consultation.ref)
