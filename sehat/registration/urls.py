"""Addresses of registration."""

from django.urls import path

from sehat.registration import views

app_name = "registration"
urlpatterns = [
    path("register/", views.start, name="start"),
    path("register/otp/", views.otp, name="otp"),
    path("correction/", views.correction, name="correction"),
    path("register/place/", views.place, name="place"),
]
