"""What the office refuses."""

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class NotPosted(Refusal):
    """A commandant for whom no hospital was entered."""

    status = 409
    sentence = _("It is not entered yet in which hospital you serve. HQ enters it in the administration, as a posting.")
