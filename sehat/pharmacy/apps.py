"""Wires the pharmacy room into Django."""

from django.apps import AppConfig


class PharmacyConfig(AppConfig):
    """Room 8 of the patient's journey: dispense, collect, send home."""

    name = "sehat.pharmacy"
    label = "pharmacy"

    def ready(self) -> None:
        """Hear of prescriptions that are taken back or asked about."""
        from sehat.pharmacy import receivers  # noqa: F401
