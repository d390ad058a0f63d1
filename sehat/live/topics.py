"""Every topic's name, in one place."""

EVERYONE = "everyone"
"""All sockets of a process."""


def token(pk: int) -> str:
    """One patient's waiting page."""
    return f"token:{pk}"


def opd(pk: int) -> str:
    """The line of an OPD moved."""
    return f"opd:{pk}"


def doctor(pk: int) -> str:
    """One doctor's desk."""
    return f"doctor:{pk}"


def consultation(pk: int) -> str:
    """Both sides of a consultation."""
    return f"consultation:{pk}"
