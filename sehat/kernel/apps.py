from django.apps import AppConfig
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    name = "sehat.kernel"

    def ready(self) -> None:
        """Every form's word for a text that is too long: Django has none in Hindi."""
        MaxLengthValidator.message = _("This has %(show_value)d letters. Please shorten it to %(limit_value)d.")
