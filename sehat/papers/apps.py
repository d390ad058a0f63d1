"""Wires the papers room into Django."""

from django.apps import AppConfig


class PapersConfig(AppConfig):
    """What a prescription and a letter share: number, people, print, signature, code, verification. It has no
    tables of its own.
    """

    name = "sehat.papers"
    label = "papers"
