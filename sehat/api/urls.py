"""Addresses of the API; the operations themselves are in `v1`."""

from django.urls import path, re_path

from sehat.api import pages, views

app_name = "api"
urlpatterns = [
    path("hq/keys/", pages.hq_keys, name="hq_keys"),
    path("hq/keys/<slug:handle>/revoke/", pages.revoke_hq_key, name="revoke_hq_key"),
    path("api/v1/openapi.json", views.openapi, name="openapi"),
    # Whatever else comes is answered in JSON, a line break in the address too.
    re_path(r"^api/v1/(?P<rest>[\s\S]*)$", views.v1, name="v1"),
]
