"""From the filled form to patient and token."""

from datetime import datetime

from django.db import transaction

from sehat.kernel.clock import india_day
from sehat.registration import services as registration
from sehat.tokens import services
from sehat.tokens.forms import DetailsForm
from sehat.tokens.models import Token
from sehat.tokens.rules import By


def take(form: DetailsForm, *, mobile: str, now: datetime) -> Token:
    """Patient and token of a valid form together, or neither. Refuses what either of the two refuses."""
    data = form.cleaned_data
    kept = services.stored(data["records"], day=india_day(now), by=By.PATIENT)
    with kept as records, transaction.atomic():
        patient = registration.register(
            mobile=mobile, identity=None if form.patient else form.identity, contact=form.contact, now=now
        )
        return services.issue(
            patient=patient,
            opd=data["opd"],
            complaint=data["complaint"],
            duration=data["duration"],
            records=records,
            red_flags=data["red_flags"],
            follow_up=data.get("follow_up"),
            now=now,
        )
