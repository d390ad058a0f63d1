"""Patients in the office: looked up, and verified by the AMA desk or HQ. Identity is never edited here."""

from typing import cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sehat.accounts.models import Staff
from sehat.entitlement.rules import Verification
from sehat.kernel.clock import now as clock
from sehat.registration import services
from sehat.registration.models import Patient


@admin.register(Patient)
class PatientAdmin(admin.ModelAdmin[Patient]):
    """A list to search, with two decisions."""

    list_display = ["grouped_id", "name", "category", "service_number", "verification"]
    list_filter = ["verification", "category"]
    search_fields = ["patient_id", "mobile", "service_number", "name"]
    actions = ["mark_verified", "mark_not_entitled"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Patients register themselves."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Patient | None = None) -> bool:
        """Contact is the patient's own, identity changes by correction."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Patient | None = None) -> bool:
        """A Patient ID is for life."""
        return False

    @admin.action(description=_("The card was seen: mark as verified"), permissions=["view"])
    def mark_verified(self, request: HttpRequest, queryset: QuerySet[Patient]) -> None:
        """The AMA desk has seen the card."""
        self._decide(request, queryset, Verification.VERIFIED)

    @admin.action(description=_("Mark as not entitled"), permissions=["view"])
    def mark_not_entitled(self, request: HttpRequest, queryset: QuerySet[Patient]) -> None:
        """The AMA desk found that the claim does not hold."""
        self._decide(request, queryset, Verification.REFUSED)

    def _decide(self, request: HttpRequest, queryset: QuerySet[Patient], decision: Verification) -> None:
        for patient in queryset:
            services.decide_verification(patient=patient, decision=decision, by=cast(Staff, request.user), now=clock())
        count = len(queryset)
        text = ngettext("%(count)s patient was decided.", "%(count)s patients were decided.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
