"""Asha's prescription, to be checked."""

from tests.prescription.conftest import doctors_browser, issued, meet, met, patients_browser, written

__all__ = ["doctors_browser", "issued", "meet", "met", "patients_browser", "written"]
