"""The people of a prescription that was issued."""

from tests.prescription.conftest import doctors_browser, issued, meet, met, patients_browser, written

__all__ = ["doctors_browser", "issued", "meet", "met", "patients_browser", "written"]
