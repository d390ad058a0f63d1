from django.apps import AppConfig


class WaitingConfig(AppConfig):
    name = "sehat.waiting"

    def ready(self) -> None:
        """Hear of tokens that move."""
        from sehat.waiting import receivers  # noqa: F401
