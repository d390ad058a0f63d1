"""Addresses of tokens: taking one, and the doors that open with it."""

from django.urls import path

from sehat.tokens import doors, views

app_name = "tokens"
urlpatterns = [
    path("register/details/", views.new, name="new"),
    path("register/done/", views.issued, name="issued"),
    path("register/enter/", views.enter, name="enter"),
    path("login/", doors.login, name="login"),
    path("login/otp/", doors.login_otp, name="login_otp"),
    path("login/otp/code/", doors.login_code, name="login_code"),
    path("login/forgot/", doors.forgot, name="forgot"),
    path("token/cancel/", doors.cancel, name="cancel"),
    path("logout/", doors.logout, name="logout"),
    path("records/<str:ref>/", views.record, name="record"),
]
