"""What the doors refuse."""

from django.utils.translation import gettext_lazy as _

from sehat.kernel.errors import Refusal


class LockedOut(Refusal):
    """Too many wrong tries. Values: `minutes` to wait, at least 1."""

    status = 429
    sentence = _("Too many wrong tries. Please try again in %(minutes)s minutes.")
