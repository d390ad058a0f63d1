"""Addresses of letters. `ref` of a consultation and of a letter are random."""

from django.urls import path, register_converter

from sehat.letters import views
from sehat.letters.rules import Purpose


class PurposeConverter:
    """`referral` or `sick-leave`."""

    regex = "|".join(Purpose)

    def to_python(self, value: str) -> Purpose:
        """The purpose of that name."""
        return Purpose(value)

    def to_url(self, value: str) -> str:
        """The name of the purpose."""
        return str(value)


register_converter(PurposeConverter, "purpose")

app_name = "letters"
urlpatterns = [
    path("consultation/<slug:ref>/letters/", views.of_consultation, name="of_consultation"),
    path("consultation/<slug:ref>/letters/<purpose:purpose>/", views.write, name="write"),
    path("letter/<slug:ref>/", views.letter, name="letter"),
    path("letter/<slug:ref>/pdf/", views.pdf, name="pdf"),
    path("issued/letters/", views.issued, name="issued"),
    path("issued/letters/<slug:ref>/revoke/", views.revoke, name="revoke"),
]
