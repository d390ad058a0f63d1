from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "sehat.desk"

    def ready(self) -> None:
        """Hear of tokens that move."""
        from sehat.desk import receivers  # noqa: F401
