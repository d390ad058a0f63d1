"""What people write through the contact page."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sehat.kernel.models import Base


class ContactMessage(Base):
    """One message from the contact page; HQ reads it in the office and answers by telephone or e-mail."""

    first_name = models.CharField(_("First Name"), max_length=60)
    last_name = models.CharField(_("Last Name"), max_length=60)
    mobile = models.CharField(_("Mobile Number"), max_length=10)  # ten national digits
    email = models.EmailField(_("Email Address"), blank=True)
    city = models.CharField(_("Town/City"), max_length=60)
    state = models.CharField(_("State"), max_length=60)
    text = models.TextField(_("Message"), max_length=2000)
    language = models.CharField(_("language"), max_length=2)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}, {self.city}"
