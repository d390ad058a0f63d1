"""Every address of the portal; each room says its own. The rooms that are asked the most stand first."""

from django.contrib import admin
from django.urls import include, path

handler500 = "sehat.kernel.middleware.failed"
urlpatterns = [
    path("", include("sehat.consultation.urls")),
    path("", include("sehat.waiting.urls")),
    path("", include("sehat.prescription.urls")),
    path("", include("sehat.registration.urls")),
    path("", include("sehat.tokens.urls")),
    path("", include("sehat.desk.urls")),
    path("", include("sehat.history.urls")),
    path("", include("sehat.site.urls")),
    path("", include("sehat.accounts.urls")),
    path("", include("sehat.papers.urls")),
    path("", include("sehat.letters.urls")),
    path("", include("sehat.pharmacy.urls")),
    path("", include("sehat.office.urls")),
    path("", include("sehat.api.urls")),
    path("admin/", admin.site.urls),
]
