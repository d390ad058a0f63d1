"""What every signed paper keeps; each room that issues papers adds its own."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sehat.consultation.models import Consultation
from sehat.kernel.files import private
from sehat.kernel.ids import new_ref
from sehat.kernel.models import Base
from sehat.papers.rules import REASON_LENGTH, Kind, Status
from sehat.papers.statement import Lines
from sehat.registration.models import Patient

STATUSES = {Status.ISSUED: _("Valid"), Status.REVOKED: _("Revoked")}


def paper_path(paper: "Paper", filename: str) -> str:
    """A path that tells nothing of the patient: by day and random reference."""
    return f"{paper.FOLDER}/{paper.issued_at:%Y/%m/%d}/{paper.ref}.pdf"


class Paper(Base):
    """What was issued, as it was issued. It never changes but for being revoked (clinical.md)."""

    KINDS: tuple[Kind, ...]
    """What its rows may be, by the beginning of the number."""
    FOLDER: str
    """Where the storage keeps the files."""

    ref = models.CharField(max_length=22, unique=True, default=new_ref)
    number = models.CharField(_("number"), max_length=14, unique=True)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="%(class)ss")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="%(class)ss")
    issued_at = models.DateTimeField(_("issued at"))
    status = models.CharField(_("status"), max_length=8, choices=STATUSES, default=Status.ISSUED)
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(_("reason"), max_length=REASON_LENGTH, blank=True)  # as the patient reads it
    people = models.JSONField()  # hospital, OPD, doctor and patient as they stand on the sheet

    file = models.FileField(storage=private, upload_to=paper_path, max_length=120)
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number

    @property
    def kind(self) -> Kind:
        """What it is."""
        return Kind(self.number[:2])

    @property
    def stated(self) -> Lines:
        """What its code vouches for, line by line; must stay the same for good."""
        raise NotImplementedError

    @property
    def replacement(self) -> "Paper | None":
        """The paper that was issued in its place."""
        return None
