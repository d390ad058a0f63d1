"""Addresses of the prescription. `ref` of a consultation and of a prescription are random."""

from django.urls import path

from sehat.prescription import verifying, views

app_name = "prescription"
urlpatterns = [
    path("consultation/<slug:ref>/prescription/", views.form, name="form"),
    path("consultation/<slug:ref>/prescription/medicines/", views.medicines, name="medicines"),
    path("consultation/<slug:ref>/prescription/draft/", views.draft, name="draft"),
    path("consultation/<slug:ref>/rx/", views.of_consultation, name="of_consultation"),
    path("search/medicines/", views.search_medicines, name="search_medicines"),
    path("search/diagnoses/", views.search_diagnoses, name="search_diagnoses"),
    path("rx/<slug:ref>/", views.rx, name="rx"),
    path("rx/<slug:ref>/pdf/", views.pdf, name="pdf"),
    path("verify/", verifying.verify, name="verify"),
    path(".well-known/jwks.json", verifying.jwks, name="jwks"),
]
