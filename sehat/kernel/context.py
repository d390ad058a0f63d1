"""What every page may show."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """`demo`: whether to show the banner that this is a demonstration."""
    return {"demo": settings.SEHAT_DEMO}
