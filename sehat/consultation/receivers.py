"""The consultation hears of a doctor who presses *Available* at the desk."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from sehat.clinic.models import Doctor
from sehat.consultation import queries, services
from sehat.desk.events import doctor_returns


@receiver(doctor_returns)
def leave_what_is_completed(sender: type[Doctor], doctor: Doctor, now: datetime, **kwargs: Any) -> None:
    """A consultation whose prescription is issued ends; any other keeps the doctor (desk.errors.DeskBusy)."""
    consultation = queries.open_of_doctor(doctor)
    if consultation is not None and queries.standing(consultation).completed:
        services.finish(consultation=consultation, now=now)
