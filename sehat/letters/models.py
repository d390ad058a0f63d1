"""The letters that were issued."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sehat.letters.rules import Purpose
from sehat.letters.writing import Content, content_of
from sehat.papers.models import Paper
from sehat.papers.rules import Kind, Status
from sehat.papers.statement import Lines

PURPOSES = {Purpose.REFERRAL: _("Referral letter"), Purpose.SICK_LEAVE: _("Sick-leave advice")}
KIND_OF = {Purpose.REFERRAL: Kind.REFERRAL, Purpose.SICK_LEAVE: Kind.SICK_LEAVE}


class Letter(Paper):
    """One letter, as it was issued. It never changes but for being revoked."""

    KINDS = tuple(KIND_OF.values())
    FOLDER = "letters"

    purpose = models.CharField(_("purpose"), max_length=10, choices=PURPOSES)
    content = models.JSONField()  # writing.Content, as it was kept
    pressed = models.CharField(max_length=22)  # the form's own random name, so that a second press makes no second one

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = [
            models.UniqueConstraint(fields=["consultation", "pressed"], name="one_letter_per_form"),
            models.UniqueConstraint(
                fields=["consultation"],
                condition=Q(status=Status.ISSUED, purpose=Purpose.SICK_LEAVE),
                name="one_valid_sick_leave_per_consultation",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-issued_at"], name="letter_by_patient"),
            models.Index(fields=["sha256"], name="letter_by_hash"),
        ]

    @property
    def written(self) -> Content:
        """What stands in it."""
        return content_of(self.purpose, self.content)

    @property
    def stated(self) -> Lines:
        """What the code vouches for."""
        return self.written.stated
