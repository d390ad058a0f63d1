"""Django's handle on the room."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    """Public pages and messages from the contact form."""

    name = "sehat.site"
    label = "site"
    verbose_name = _("Public pages")
