"""Messages from the contact page, as HQ sees them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from sehat.kernel.clock import now
from sehat.site.models import ContactMessage


@admin.register(ContactMessage)
class ContactMessageAdmin(admin.ModelAdmin):
    """To be read and marked as answered; what was written stays as it was written."""

    list_display = ["created_at", "__str__", "state", "mobile", "answered_at"]
    list_filter = [("answered_at", admin.EmptyFieldListFilter), "state"]
    search_fields = ["first_name", "last_name", "mobile", "email"]
    readonly_fields = [
        *("created_at", "first_name", "last_name", "mobile", "email"),
        *("city", "state", "text", "language", "answered_at"),
    ]
    actions = ["mark_answered"]

    @admin.action(description=_("Mark as answered"))
    def mark_answered(self, request: HttpRequest, messages: QuerySet[ContactMessage]) -> None:
        """Note that somebody has answered; the first answer counts."""
        messages.filter(answered_at=None).update(answered_at=now())

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Messages come from the contact page."""
        return False
