"""Patients in the office: looked up, and verified by the AMA desk or HQ. Identity is never edited here."""

from typing import cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sehat.accounts.models import Staff
from sehat.entitlement.rules import Verification
from sehat.kernel.clock import now as clock
from sehat.registration import corrections, services
from sehat.registration.errors import CorrectionDecided
from sehat.registration.models import CorrectionRequest, Patient


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


@admin.register(CorrectionRequest)
class CorrectionAdmin(admin.ModelAdmin[CorrectionRequest]):
    """What patients ask to have corrected: read, then approved or refused."""

    list_display = ["patient", "what", "reason", "asked_at", "state"]
    list_filter = ["state"]
    list_select_related = ["patient"]
    actions = ["approve", "refuse"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Patients ask for themselves."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: CorrectionRequest | None = None) -> bool:
        """A request stays as it was asked."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: CorrectionRequest | None = None) -> bool:
        """And it is kept."""
        return False

    @admin.display(description=_("changes"))
    def what(self, row: CorrectionRequest) -> SafeString:
        """Each field with its old and its new value."""
        return format_html_join(", ", "{}: {} → {}", row.differences)

    @admin.action(description=_("Approve: change the patient's details"), permissions=["view"])
    def approve(self, request: HttpRequest, queryset: QuerySet[CorrectionRequest]) -> None:
        """The AMA desk has seen the proof."""
        self._decide(request, queryset, approve=True)

    @admin.action(description=_("Refuse: leave the details as they are"), permissions=["view"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[CorrectionRequest]) -> None:
        """The proof does not hold."""
        self._decide(request, queryset, approve=False)

    def _decide(self, request: HttpRequest, queryset: QuerySet[CorrectionRequest], *, approve: bool) -> None:
        by = cast(Staff, request.user)
        for row in queryset.select_related("patient"):
            try:
                corrections.decide(request=row, approve=approve, by=by, now=clock())
            except CorrectionDecided as refusal:
                self.message_user(request, f"{row}: {refusal}", messages.WARNING)
