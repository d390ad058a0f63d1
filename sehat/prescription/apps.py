"""Wires the prescription room into Django."""

from django.apps import AppConfig


class PrescriptionConfig(AppConfig):
    """Room 6 of the patient's journey: formulary, draft, issue, sign, verify."""

    name = "sehat.prescription"
    label = "prescription"
