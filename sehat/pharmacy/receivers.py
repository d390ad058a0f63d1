"""The store hears of a prescription that is taken back, and says of one how much was handed out."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sehat.papers.events import asked_about, taken_back
from sehat.pharmacy import queries, services
from sehat.prescription.models import Prescription


@receiver(taken_back, sender=Prescription)
def stop_what_is_in_the_store(sender: type[Prescription], paper: Prescription, now: datetime, **kwargs: Any) -> None:
    """Nothing more leaves the store by it."""
    services.withdraw(prescription=paper, now=now)


@receiver(asked_about, sender=Prescription)
def say_what_was_dispensed(sender: type[Prescription], paper: Prescription, **kwargs: Any) -> tuple[str, str] | None:
    """A line for whoever verifies it: how many of its medicines were handed out, and nothing of what they are."""
    done = queries.progress_of(paper)
    if not done.medicines:
        return None
    words = _("%(whole)s of %(all)s medicines") % {"whole": done.whole, "all": done.medicines}
    if done.partly:
        words += ", " + ngettext("%(n)s in part", "%(n)s in part", done.partly) % {"n": done.partly}
    return str(_("Dispensed")), words
