from django.apps import AppConfig


class ConsultationConfig(AppConfig):
    name = "sehat.consultation"

    def ready(self) -> None:
        """Hear of doctors who return to the desk."""
        from sehat.consultation import receivers  # noqa: F401
