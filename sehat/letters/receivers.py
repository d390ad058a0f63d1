"""What letters add to the record of their consultation."""

from django.dispatch import receiver

from sehat.consultation.models import Consultation
from sehat.letters import fhir, queries
from sehat.prescription.events import Beside, documented
from sehat.prescription.told import Told


@receiver(documented, sender=Consultation)
def add_letters(told: Told, **_more: object) -> Beside:
    """The letters of the same consultation."""
    return fhir.beside(told, queries.of_consultation(told.consultation).order_by("id"))
