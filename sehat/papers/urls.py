"""Addresses at which a paper is checked."""

from django.urls import path

from sehat.papers import verifying

app_name = "papers"
urlpatterns = [
    path("verify/", verifying.verify, name="verify"),
    path(".well-known/jwks.json", verifying.jwks, name="jwks"),
]
