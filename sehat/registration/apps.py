"""Django's handle on the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistrationConfig(AppConfig):
    """Patients, their OTPs and consents."""

    name = "sehat.registration"
    label = "registration"
    verbose_name = _("Registration")
