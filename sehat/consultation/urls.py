"""Addresses of the consultation. `ref` is random; `side` says whose page asks."""

from django.urls import URLPattern, URLResolver, include, path, register_converter

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
one: list[URLPattern | URLResolver] = [
    path("", views.room, name="room"),
    path("feedback/", feedback.give, name="feedback"),
    path("consent/", third.consent, name="consent"),
    path("guest/", third.guest, name="guest"),
    path("guest/leave/", third.leave, name="leave"),
    path("doctor/", views.doctor, name="doctor"),
    path("doctor/invite/", third.invite, name="invite"),
    path("doctor/take-back/", third.take_back, name="take_back"),
    path("doctor/end/", views.end, name="end"),
    path("doctor/put-back/", views.put_back, name="put_back"),
    path(
        "<side:side>/",
        include(
            [
                path("lines/", views.lines, name="lines"),
                path("say/", views.say, name="say"),
                path("state/", views.state, name="state"),
                path("upload/", views.upload, name="upload"),
                path("evidence/", views.evidence, name="evidence"),
                path("records/", views.records, name="records"),
                path("records/<slug:record_ref>/", views.record, name="record"),
            ]
        ),
    ),
]
urlpatterns = [
    path("consultation/<slug:ref>/", include(one)),
    path("consultation/", views.mine, name="mine"),
    path("check/", views.check, name="check"),
    path("check/scripts/", views.scripts, name="scripts"),
    path("desk/answer/", views.answer, name="answer"),
    path("desk/consultation/", views.current, name="current"),
    path("desk/invitation/", third.ringing, name="ringing"),
    path("desk/invitation/join/", third.join, name="join"),
    path("desk/invitation/decline/", third.decline, name="decline"),
    path("desk/invitation/missed/", third.put_away, name="put_away"),
    path("feedback/", feedback.last, name="feedback_last"),
]
