"""Refusals of the public pages."""

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class NoSimulation(Refusal):
    """Sample people work beside no real ones, and in no process of several."""

    status = 409
    sentence = _("Sample patients and doctors work only in the demo that one process serves.")
