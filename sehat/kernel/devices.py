"""Which pages may ask for camera and microphone (Permissions-Policy): those that need them, and no others."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpResponseBase

CAMERA, MICROPHONE = "camera", "microphone"
_NEVER = "display-capture=(), geolocation=(), payment=(), usb=()"


def policy(*allowed: str) -> str:
    """The header's value of a page that needs these devices and nothing else."""
    ours = (f"{device}=({'self' if device in allowed else ''})" for device in (CAMERA, MICROPHONE))
    return ", ".join((*ours, _NEVER))


def uses[**Asked, Answer: HttpResponseBase](
    *devices: str,
) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """Let the pages of a view use these devices."""
    value = policy(*devices)

    def allow(view: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        @wraps(view)
        def allowed(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
            response = view(*args, **kwargs)
            response.headers["Permissions-Policy"] = value
            return response

        return allowed

    return allow
