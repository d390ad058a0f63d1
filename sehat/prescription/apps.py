"""Wires the prescription room into Django."""

from django.apps import AppConfig


class PrescriptionConfig(AppConfig):
    """Room 6 of the patient's journey: formulary, guidelines, draft, issue, FHIR."""

    name = "sehat.prescription"
    label = "prescription"

    def ready(self) -> None:
        """Prescribe by the formulary that was imported, where one was."""
        from django.conf import settings

        from sehat.prescription import formulary

        formulary.look_for(settings.DATA / formulary.TABLE.name)
