"""What letters add to the documents of a prescription."""

from django.dispatch import receiver

from sehat.letters import fhir, queries
from sehat.prescription.events import Beside, documented
from sehat.prescription.models import Prescription


@receiver(documented, sender=Prescription)
def add_letters(prescription: Prescription, **_more: object) -> Beside:
    """The letters of the same consultation."""
    return fhir.beside(prescription, queries.of_consultation(prescription.consultation).order_by("id"))
