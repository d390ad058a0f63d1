"""Signed papers: what every paper that a doctor issues has in common, and how anybody checks one."""
