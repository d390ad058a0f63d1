"""What the desk refuses."""

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class DeskBusy(Refusal):
    """The desk is doing something that this would break."""

    status = 409
    sentence = _("A consultation is open at your desk. Finish it first, or put the patient back in the queue.")


class CallGone(Refusal):
    """The call was answered, missed or withdrawn meanwhile."""

    status = 409
    sentence = _("This call is no longer there. The patient keeps the place in the line.")
