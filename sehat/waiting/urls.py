from django.urls import path

from sehat.waiting import views

app_name = "waiting"
urlpatterns = [
    path("waiting/", views.room, name="room"),
    path("waiting/state/", views.state, name="state"),
    path("waiting/called/", views.called, name="called"),
    path("waiting/join/", views.join, name="join"),
    path("waiting/come-back/", views.come_back, name="come_back"),
    path("waiting/call-now/", views.call_now, name="call_now"),
    path("waiting/upload/", views.upload, name="upload"),
]
