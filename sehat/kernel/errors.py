"""A refusal is a typed error with a status and a sentence for people; one place turns it into a page or JSON."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """The portal says no, and why.

    Subclasses set `status` (an HTTP 4xx, or 503 for what is away and comes back) and `sentence` (translatable, says
    what to do, may hold `%(name)s`); the keyword arguments fill the sentence. `str(refusal)` is the sentence in the
    reader's language.
    """

    status: ClassVar[int] = 400
    sentence: ClassVar[str | Promise] = _("This cannot be done.")

    def __init__(self, **values: Any) -> None:
        self.values = values
        super().__init__(type(self).__name__)

    @property
    def more(self) -> dict[str, Any]:
        """What an app is told beside the sentence."""
        return {}

    def __str__(self) -> str:
        sentence = str(self.sentence)
        return sentence % self.values if self.values else sentence
