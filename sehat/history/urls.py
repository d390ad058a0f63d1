"""Addresses of past consultations."""

from django.urls import path

from sehat.history import views

app_name = "history"
urlpatterns = [
    path("history/", views.past, name="past"),
    path("history/calls/", views.calls, name="calls"),
    path("history/record.zip", views.whole_record, name="whole_record"),
    path("consultation/<slug:ref>/history/", views.of_patient, name="of_patient"),
]
