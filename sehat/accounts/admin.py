"""Staff in the office."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin import EmptyFieldListFilter
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sehat.accounts import services
from sehat.accounts.errors import OwnSecondFactor
from sehat.accounts.models import Staff
from sehat.audit import services as audit

admin.site.unregister(Group)


@admin.register(Staff)
class StaffAdmin(UserAdmin):
    """Role instead of groups and single permissions."""

    list_display = ("username", "first_name", "last_name", "role", "is_active", "has_code")
    list_filter = ("role", "is_active", ("second_factor_at", EmptyFieldListFilter))
    actions = ["take_code_away"]
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (None, {"fields": ("first_name", "last_name", "email", "role", "language", "is_active")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2")}),
        (None, {"fields": ("first_name", "last_name", "role")}),
    )

    @admin.display(description=_("code at login"), boolean=True, ordering="second_factor_at")
    def has_code(self, staff: Staff) -> bool:
        """Whether the login asks this person for a code."""
        return staff.second_factor_at is not None

    @admin.action(description=_("Telephone lost: take the code at login away"), permissions=["change"])
    def take_code_away(self, request: HttpRequest, queryset: QuerySet[Staff]) -> HttpResponse | None:
        """Ask once more, then take the second factor away from those who have one."""
        have_one = queryset.exclude(second_factor_at=None)
        if "sure" not in request.POST and have_one:
            context = self.admin_site.each_context(request) | {
                "title": gettext("Take the code at login away"),
                "opts": self.opts,
                "people": have_one,
            }
            return render(request, "accounts/take_code_away.html", context)
        taken = 0
        for staff in have_one:
            try:
                taken += services.take_away(staff=staff, by=cast(Staff, request.user))
            except OwnSecondFactor as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
        text = ngettext(
            "The code was taken from %(count)s person.", "The code was taken from %(count)s persons.", taken
        )
        self.message_user(request, text % {"count": taken}, messages.SUCCESS if taken else messages.WARNING)
        return None

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """HQ gives others a new password; one's own is changed under My account, where the old one is asked."""
        if self.get_object(request, unquote(id)) == request.user:
            return redirect("accounts:password")
        return super().user_change_password(request, id, form_url)

    def log_change(self, request: HttpRequest, obj: Staff, message: Any) -> LogEntry:
        """Audit it too; a new password by its own name."""
        match = request.resolver_match
        action = "password.set" if match and match.url_name == "auth_user_password_change" else "staff.change"
        audit.record(actor=cast(Staff, request.user), action=action, subject=obj)
        return super().log_change(request, obj, message)
