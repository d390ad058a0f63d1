"""What is said in both languages at once, as a paper carries both."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """One thing in both languages."""

    english: str
    hindi: str
