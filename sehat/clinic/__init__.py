"""Hospitals, OPDs, their hours and holidays, and the doctors who sit in them."""
