"""Wires the letters room into Django."""

from django.apps import AppConfig


class LettersConfig(AppConfig):
    """Beside room 6 of the patient's journey: referral letters to a hospital, sick-leave advice."""

    name = "sehat.letters"
    label = "letters"

    def ready(self) -> None:
        """Hear of documents that are made of a consultation."""
        from sehat.letters import receivers  # noqa: F401
