"""What there is of a person's second factor."""

from sehat.accounts.models import RecoveryCode, SecondFactor, Staff


def has_second_factor(staff: Staff) -> bool:
    """Whether the login asks for a code."""
    return SecondFactor.objects.filter(staff=staff).exists()


def recovery_codes_left(staff: Staff) -> int:
    """How many recovery codes still count."""
    return RecoveryCode.objects.filter(staff=staff).count()
