"""The outbox."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sehat.kernel.models import Base
from sehat.notices.rules import Channel, State

OPEN = (State.PENDING, State.SENDING)


class Notice(Base):
    """One SMS or e-mail to one recipient, in the words in which it is sent."""

    kind = models.CharField(_("kind"), max_length=32)
    channel = models.CharField(_("channel"), max_length=8, choices=[(c.value, c.value) for c in Channel])
    to = models.CharField(_("recipient"), max_length=254)
    language = models.CharField(_("language"), max_length=2)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("message text"))
    template_id = models.CharField(_("DLT template"), max_length=40, blank=True)
    state = models.CharField(
        _("delivery"), max_length=8, choices=[(s.value, s.value) for s in State], default=State.PENDING
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try at"))
    no_use_after = models.DateTimeField(_("no use after"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    error = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(fields=["next_try_at"], condition=models.Q(state__in=OPEN), name="notices_due"),
            models.Index(fields=["to", "-id"], name="notices_of_one"),
            models.Index(fields=["created_at"], condition=models.Q(state=State.FAILED), name="notices_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
