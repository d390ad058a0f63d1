"""Django's handle on the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EntitlementConfig(AppConfig):
    """The AMA register."""

    name = "sehat.entitlement"
    label = "entitlement"
    verbose_name = _("Entitlement")
