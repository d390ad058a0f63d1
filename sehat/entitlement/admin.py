"""The register in the office: kept by the AMA desk and HQ, every change audited."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from sehat.accounts.models import Staff
from sehat.audit import services as audit
from sehat.entitlement.models import RegisterEntry
from sehat.entitlement.rules import is_service_number, tidy_service_number
from sehat.kernel.phones import indian_mobile


class EntryForm(forms.ModelForm[RegisterEntry]):
    """One entry, its numbers brought into the form in which they are compared."""

    mobile = forms.CharField(label=_("mobile number"), max_length=25)

    class Meta:
        model = RegisterEntry
        fields = ["service_number", "name", "mobile", "category", "unit"]

    def clean_service_number(self) -> str:
        """Capitals and digits only."""
        number = tidy_service_number(self.cleaned_data["service_number"])
        if not is_service_number(number):
            raise forms.ValidationError(_("Please enter the service number: letters and digits, 4 to 20 of them."))
        return number

    def clean_mobile(self) -> str:
        """The ten national digits."""
        mobile = indian_mobile(self.cleaned_data["mobile"])
        if mobile is None:
            raise forms.ValidationError(_("Please enter an Indian mobile number of ten digits."))
        return mobile


@admin.register(RegisterEntry)
class RegisterEntryAdmin(admin.ModelAdmin[RegisterEntry]):
    """Search, enter, correct."""

    form = EntryForm
    list_display = ["service_number", "name", "mobile", "category", "unit"]
    list_filter = ["category"]
    search_fields = ["service_number", "name", "mobile"]
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: RegisterEntry, form: Any, change: bool) -> None:
        """Save, and write down who did it."""
        super().save_model(request, obj, form, change)
        self._note(request, "register.change" if change else "register.add", obj)

    def delete_model(self, request: HttpRequest, obj: RegisterEntry) -> None:
        """Delete, and write down who did it."""
        self._note(request, "register.delete", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Delete several, each written down."""
        for entry in queryset:
            self._note(request, "register.delete", entry)
        super().delete_queryset(request, queryset)

    def _note(self, request: HttpRequest, action: str, entry: RegisterEntry) -> None:
        audit.record(actor=cast(Staff, request.user), action=action, subject=entry)
