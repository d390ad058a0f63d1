"""What changes a day that was counted already opens it again."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from sehat.consultation.models import Consultation, Feedback
from sehat.kernel.clock import india_day, now
from sehat.office import days
from sehat.papers.events import taken_back
from sehat.prescription.models import Objection, Prescription


@receiver(taken_back, sender=Prescription)
def taken_back_late(sender: type[Prescription], paper: Prescription, **kwargs: Any) -> None:
    """A valid prescription less, or another one in its place."""
    _changed(paper.consultation)


@receiver(post_save, sender=Feedback)
@receiver(post_save, sender=Objection)
def said_late(sender: type[Feedback | Objection], instance: Feedback | Objection, **kwargs: Any) -> None:
    """Feedback of a patient, or a rule that stood against an amendment."""
    _changed(instance.consultation)


def _changed(consultation: Consultation) -> None:
    token = consultation.token
    # Of today nothing is closed, and its row would be one that all doctors of the OPD wait for.
    if token.day < india_day(now()):
        days.reopen([(token.day, token.opd_id)])
