"""Addresses of the prescription. `ref` of a consultation and of a prescription are random."""

from django.urls import path

from sehat.prescription import correcting, handing_out, prescribing, templating, views

app_name = "prescription"
urlpatterns = [
    path("consultation/<slug:ref>/prescription/", prescribing.form, name="form"),
    path("consultation/<slug:ref>/prescription/medicines/", prescribing.medicines, name="medicines"),
    path("consultation/<slug:ref>/prescription/brief/", prescribing.brief, name="brief"),
    path("consultation/<slug:ref>/prescription/draft/", prescribing.draft, name="draft"),
    path("consultation/<slug:ref>/prescription/templates/", templating.templates, name="templates"),
    path("consultation/<slug:ref>/prescription/templates/<slug:template>/", templating.template, name="template"),
    path("consultation/<slug:ref>/prescription/apply/", templating.apply, name="apply"),
    path("consultation/<slug:ref>/rx/", views.of_consultation, name="of_consultation"),
    path("consultation/<slug:ref>/fhir/", handing_out.own_record, name="own_record"),
    path("search/medicines/", views.search_medicines, name="search_medicines"),
    path("search/diagnoses/", views.search_diagnoses, name="search_diagnoses"),
    path("rx/<slug:ref>/", views.rx, name="rx"),
    path("rx/<slug:ref>/pdf/", views.pdf, name="pdf"),
    path("rx/<slug:ref>/fhir/<slug:record>/", handing_out.fhir, name="fhir"),
    path("hq/record/", handing_out.for_hq, name="for_hq"),
    path("issued/<slug:ref>/fhir/<slug:record>/", handing_out.own_fhir, name="own_fhir"),
    path("issued/", correcting.issued, name="issued"),
    path("issued/<slug:ref>/amend/", correcting.amend, name="amend"),
    path("issued/<slug:ref>/amend/medicines/", correcting.medicines, name="amend_medicines"),
    path("issued/<slug:ref>/revoke/", correcting.revoke, name="revoke"),
]
