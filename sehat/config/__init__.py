"""Wiring: settings, addresses, the two applications. No logic."""
