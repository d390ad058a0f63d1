"""Addresses of the store, and of the patient's choice. `ref` of a prescription and of a supply are random."""

from django.urls import path

from sehat.pharmacy import choosing, views

app_name = "pharmacy"
urlpatterns = [
    # No clinical word: the address stands in SMS.
    path("rx/<slug:ref>/parcel/", choosing.medicines, name="medicines"),
    path("rx/<slug:ref>/parcel/cancel/", choosing.cancel, name="give_up"),
    path("rx/<slug:ref>/parcel/arrived/", choosing.arrived, name="arrived"),
    path("pharmacy/", views.day, name="day"),
    path("pharmacy/look-up/", views.look_up, name="look_up"),
    path("pharmacy/rx/<slug:ref>/", views.prescription, name="prescription"),
    path("pharmacy/rx/<slug:ref>/serve/", views.serve, name="serve"),
    path("pharmacy/supply/<slug:ref>/", views.supply, name="supply"),
    path("pharmacy/supply/<slug:ref>/pack/", views.pack, name="pack"),
    path("pharmacy/supply/<slug:ref>/move/", views.move, name="move"),
    path("pharmacy/supply/<slug:ref>/labels/", views.labels, name="labels"),
]
