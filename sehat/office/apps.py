from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "sehat.office"
    label = "office"

    def ready(self) -> None:
        """Hear of what changes past days."""
        from sehat.office import receivers  # noqa: F401
