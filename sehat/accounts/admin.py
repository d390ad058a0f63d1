"""Staff in the office."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group

from sehat.accounts.models import Staff

admin.site.unregister(Group)


@admin.register(Staff)
class StaffAdmin(UserAdmin):
    """Role instead of groups and single permissions."""

    list_display = ("username", "first_name", "last_name", "role", "is_active")
    list_filter = ("role", "is_active")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (None, {"fields": ("first_name", "last_name", "email", "role", "language", "is_active")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2")}),
        (None, {"fields": ("first_name", "last_name", "role")}),
    )
