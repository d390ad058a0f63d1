from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "sehat.api"
    label = "api"
