"""What to tell a person whose camera or microphone is not there: which, why, and how to go on.

`word` is `<what>-<why>`, as main.js asks for it; why is one of media.js's kinds.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Problem:
    """One card."""

    word: str
    title: str | Promise
    how: str | Promise
    without: str | Promise


_TITLES = {
    ("both", "refused"): _("Camera and microphone are not allowed"),
    ("camera", "refused"): _("The camera is not allowed"),
    ("microphone", "refused"): _("The microphone is not allowed"),
    ("both", "missing"): _("No camera or microphone was found"),
    ("camera", "missing"): _("No camera was found"),
    ("microphone", "missing"): _("No microphone was found"),
    ("both", "busy"): _("Camera and microphone are in use elsewhere"),
    ("camera", "busy"): _("The camera is in use elsewhere"),
    ("microphone", "busy"): _("The microphone is in use elsewhere"),
    ("both", "insecure"): _("This address is not secure"),
    ("camera", "insecure"): _("This address is not secure"),
    ("microphone", "insecure"): _("This address is not secure"),
}
_HOW = {
    "refused": _(
        "Press the small sign to the left of the page's address, choose “Allow” for camera and microphone, "
        "then press Try again."
    ),
    "missing": _("Connect it, or use a phone that has one, then press Try again."),
    "busy": _("Close other programs and calls that use it, then press Try again."),
    "insecure": _(
        "Browsers give camera and microphone only to addresses that begin with https. Please tell the help desk."
    ),
}
_WITHOUT = {
    "both": _("You can also go on without: you see and hear the other side, and write messages."),
    "camera": _("You can also go on without: you are heard but not seen."),
    "microphone": _("You can also go on without: you are seen but not heard. Please write messages."),
}

PROBLEMS = [
    Problem(word=f"{what}-{why}", title=title, how=_HOW[why], without=_WITHOUT[what])
    for (what, why), title in _TITLES.items()
]
