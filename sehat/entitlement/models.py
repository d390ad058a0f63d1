"""The AMA register."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sehat.entitlement.rules import Category, Relation, Verification
from sehat.kernel.models import Base

CATEGORIES = {
    Category.SERVING: _("Serving"),
    Category.EX: _("Ex-serviceman"),
    Category.DEPENDENT: _("Dependent"),
}
RELATIONS = {
    Relation.SPOUSE: _("Wife or husband"),
    Relation.SON: _("Son"),
    Relation.DAUGHTER: _("Daughter"),
    Relation.FATHER: _("Father"),
    Relation.MOTHER: _("Mother"),
    Relation.BROTHER: _("Brother"),
    Relation.SISTER: _("Sister"),
}
VERIFICATIONS = {
    Verification.VERIFIED: pgettext_lazy("entitlement", "Verified"),
    Verification.PENDING: _("Not verified yet"),
    Verification.REFUSED: _("Not entitled"),
}
OWN_NUMBER = {category: CATEGORIES[category] for category in (Category.SERVING, Category.EX)}


class RegisterEntry(Base):
    """One person with an own service number, as the AMA desk knows him or her."""

    service_number = models.CharField(_("service number"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=100)
    mobile = models.CharField(_("mobile number"), max_length=10, unique=True)  # ten national digits
    category = models.CharField(_("category"), max_length=10, choices=OWN_NUMBER, default=Category.SERVING)
    unit = models.CharField(_("unit"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("entry of the AMA register")
        verbose_name_plural = _("AMA register")

    def __str__(self) -> str:
        return f"{self.service_number} {self.name}"
