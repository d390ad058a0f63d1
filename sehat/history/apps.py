"""Wires the history room into Django."""

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """Room 7 of the patient's journey: what was, to be read again. It has no tables of its own."""

    name = "sehat.history"
    label = "history"
