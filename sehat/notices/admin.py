"""What HQ sees of the outbox: that a notice went out or failed, and why. Nothing can be changed."""

from django.contrib import admin
from django.http import HttpRequest

from sehat.notices.models import Notice


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):
    """A list to read."""

    list_display = ["created_at", "kind", "channel", "to", "state", "tries", "sent_at", "error"]
    list_filter = ["state", "kind", "channel"]
    search_fields = ["to"]
    exclude = ["text"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Notices are written by the portal."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        """Notices are never edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Notice | None = None) -> bool:
        """Notices stay."""
        return False
