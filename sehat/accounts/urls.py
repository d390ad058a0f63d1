from django.urls import path

from sehat.accounts import views

app_name = "accounts"
urlpatterns = [
    path("staff/", views.home, name="home"),
    path("staff/login/", views.Login.as_view(), name="login"),
    path("staff/logout/", views.logout, name="logout"),
]
