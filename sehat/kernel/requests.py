"""The request as the rooms see it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class PortalRequest(HttpRequest):
    """A request that has passed the portal's middleware; `htmx` is true where htmx asks for a fragment."""

    htmx: HtmxDetails
