"""Hospitals, OPDs, hours, holidays, doctors and stores in the office."""

from django.contrib import admin

from sehat.clinic.models import Doctor, Holiday, Hospital, Opd, OpeningHours, Posting, Store


class OpeningHoursInline(admin.TabularInline):
    """Hours are written on the page of their OPD."""

    model = OpeningHours
    extra = 0


@admin.register(Opd)
class OpdAdmin(admin.ModelAdmin):
    list_display = ("code", "name", "name_hi", "kind", "daily_cap", "hospital")
    list_select_related = ("hospital",)
    inlines = [OpeningHoursInline]


@admin.register(Hospital)
class HospitalAdmin(admin.ModelAdmin):
    list_display = ("name", "city", "state", "phone")
    search_fields = ("name", "city")


@admin.register(Holiday)
class HolidayAdmin(admin.ModelAdmin):
    list_display = ("day", "name", "opd")
    list_filter = ("opd",)
    date_hierarchy = "day"


@admin.register(Doctor)
class DoctorAdmin(admin.ModelAdmin):
    list_display = ("__str__", "opd", "hospital", "registration_number", "state")
    list_filter = ("opd", "state", "hospital")
    search_fields = ("staff__first_name", "staff__last_name", "registration_number")
    list_select_related = ("staff", "opd", "hospital")


@admin.register(Posting)
class PostingAdmin(admin.ModelAdmin):
    list_display = ("staff", "hospital")
    list_filter = ("hospital",)
    search_fields = ("staff__username", "staff__first_name", "staff__last_name")
    list_select_related = ("staff", "hospital")


@admin.register(Store)
class StoreAdmin(admin.ModelAdmin):
    list_display = ("hospital", "address", "hours", "sends_home", "is_open")
    list_filter = ("is_open", "sends_home", "hospital__state")
    search_fields = ("hospital__name", "hospital__city")
    list_select_related = ("hospital",)
