"""How the office says a length of time."""

from datetime import datetime, timedelta

from django import template
from django.utils.translation import gettext as _

register = template.Library()

HOUR = 60
LONG = 2 * HOUR
"""From here on minutes alone say little."""


@register.filter
def spent(minutes: float) -> str:
    """A number of minutes as people say it."""
    whole = round(minutes)
    if whole < LONG:
        return _("%(n)s min") % {"n": whole}
    return _("%(h)s h %(n)s min") % {"h": whole // HOUR, "n": whole % HOUR}


@register.filter
def since(then: datetime, now: datetime) -> str:
    """How long ago a moment was."""
    return spent(max(0, int((now - then) / timedelta(minutes=1))))
