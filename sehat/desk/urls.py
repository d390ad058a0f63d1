from django.urls import path

from sehat.desk import views

app_name = "desk"
urlpatterns = [
    path("desk/", views.desk, name="desk"),
    path("desk/state/", views.state, name="state"),
    path("desk/available/", views.available, name="available"),
    path("desk/pause/", views.pause, name="pause"),
    path("desk/end-shift/", views.end_shift, name="end_shift"),
]
