"""What the waiting room refuses."""

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class NotCalled(Refusal):
    """Call Now was pressed without a call, or too late."""

    status = 409
    sentence = _("No doctor is calling you at this moment. Please stay in the waiting room.")
