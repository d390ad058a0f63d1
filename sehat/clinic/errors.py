"""What the clinic refuses."""

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class OpdClosed(Refusal):
    """Outside hours, or on a holiday."""

    status = 409
    sentence = _("The OPD is closed now. It opens %(when)s.")
