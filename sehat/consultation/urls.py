"""Addresses of the consultation. `ref` is random; `side` says whose page asks."""

from django.urls import path, register_converter

from sehat.consultation import feedback, third, views
from sehat.consultation.rules import Side


class SideConverter:
    """`patient`, `doctor` or `guest`."""

    regex = "|".join(Side)

    def to_python(self, value: str) -> Side:
        """The side of that name."""
        return Side(value)

    def to_url(self, value: str) -> str:
        """The name of the side."""
        return str(value)


register_converter(SideConverter, "side")

app_name = "consultation"
urlpatterns = [
    path("check/", views.check, name="check"),
    path("check/scripts/", views.scripts, name="scripts"),
    path("desk/answer/", views.answer, name="answer"),
    path("desk/consultation/", views.current, name="current"),
    path("consultation/", views.mine, name="mine"),
    path("consultation/<slug:ref>/", views.room, name="room"),
    path("consultation/<slug:ref>/feedback/", feedback.give, name="feedback"),
    path("feedback/", feedback.last, name="feedback_last"),
    path("consultation/<slug:ref>/doctor/", views.doctor, name="doctor"),
    path("desk/invitation/", third.ringing, name="ringing"),
    path("desk/invitation/join/", third.join, name="join"),
    path("desk/invitation/decline/", third.decline, name="decline"),
    path("consultation/<slug:ref>/guest/", third.guest, name="guest"),
    path("consultation/<slug:ref>/guest/leave/", third.leave, name="leave"),
    path("consultation/<slug:ref>/consent/", third.consent, name="consent"),
    path("consultation/<slug:ref>/doctor/invite/", third.invite, name="invite"),
    path("consultation/<slug:ref>/doctor/take-back/", third.take_back, name="take_back"),
    path("consultation/<slug:ref>/doctor/end/", views.end, name="end"),
    path("consultation/<slug:ref>/doctor/put-back/", views.put_back, name="put_back"),
    path("consultation/<slug:ref>/<side:side>/state/", views.state, name="state"),
    path("consultation/<slug:ref>/<side:side>/lines/", views.lines, name="lines"),
    path("consultation/<slug:ref>/<side:side>/say/", views.say, name="say"),
    path("consultation/<slug:ref>/<side:side>/upload/", views.upload, name="upload"),
    path("consultation/<slug:ref>/<side:side>/evidence/", views.evidence, name="evidence"),
    path("consultation/<slug:ref>/<side:side>/records/<slug:record_ref>/", views.record, name="record"),
]
