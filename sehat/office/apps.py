from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "sehat.office"
    label = "office"
