from django.urls import path
from django.views.generic import RedirectView

from sehat.accounts import account, views

app_name = "accounts"
urlpatterns = [
    path("staff/", views.home, name="home"),
    path("staff/login/", views.Login.as_view(), name="login"),
    path("staff/login/code/", views.login_code, name="login_code"),
    path("staff/login/set-up/", views.login_set_up, name="login_set_up"),
    path("staff/logout/", views.logout, name="logout"),
    path("staff/account/", account.account, name="account"),
    path("staff/account/password/", account.password, name="password"),
    path("staff/account/code/", account.set_up, name="set_up"),
    path("staff/account/code/recovery/", account.renew, name="renew"),
    path("staff/account/code/off/", account.turn_off, name="turn_off"),
    # Doors of Django's admin that would ask for less. They stand before its own.
    path("admin/login/", views.office_login, name="office_login"),
    path("admin/password_change/", RedirectView.as_view(pattern_name="accounts:password"), name="office_password"),
]
