"""Addresses of the public pages."""

from django.urls import path
from django_altcha import AltchaChallengeView

from sehat.site import demo, views

app_name = "site"

# Numbers that a browser tries on average half of: a tenth of a second on a telephone, a price for a flood.
PROOF_OF_WORK = 50_000

urlpatterns = [
    path("", views.home, name="home"),
    path("faq/", views.page("site/faq.html"), name="faq"),
    path("doctors/", views.doctors, name="doctors"),
    path("contact/", views.contact, name="contact"),
    path("contact/sent/", views.page("site/contact_sent.html"), name="contact_sent"),
    path("contact/check/", AltchaChallengeView.as_view(max_number=PROOF_OF_WORK), name="altcha"),
    path("privacy/", views.page("site/privacy.html"), name="privacy"),
    path("accessibility/", views.page("site/accessibility.html"), name="accessibility"),
    path("language/", views.language, name="language"),
    path("app.webmanifest", views.manifest, name="manifest"),
    path("sw.js", views.service_worker, name="service_worker"),
    path("offline/", views.offline, name="offline"),
    path("demo/", demo.people, name="demo"),
    path("demo/waiting-room/", demo.waiting_room, name="demo_waiting_room"),
    path("demo/simulation/", demo.simulate, name="demo_simulation"),
    path("demo/people.json", demo.people_json, name="demo_people"),
    path("demo/outbox/", demo.outbox, name="demo_outbox"),
    path("demo/outbox.json", demo.outbox_json, name="demo_outbox_json"),
]
