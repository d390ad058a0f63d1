"""The number of a paper, and whether it still counts. Plain Python.

Source: clinical.md, "What a prescription holds".
"""

import re
import secrets
from enum import StrEnum

from stdnum.iso7064 import mod_37_36

REASON_LENGTH = 300
"""Longest reason of an amendment or a revocation, in letters."""


class Kind(StrEnum):
    """What a paper is: the two letters before its number, none of which is misread for a digit."""

    PRESCRIPTION = "RX"
    REFERRAL = "RF"
    SICK_LEAVE = "SA"


class Status(StrEnum):
    """Whether an issued prescription still counts."""

    ISSUED = "issued"
    REVOKED = "revoked"


_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Letters that are misread for digits (I, L, O) or make words (U) are left out, as in Crockford's base 32.
_NUMBER = re.compile(rf"({'|'.join(Kind)})([{_ALPHABET}]{{8}})([{_ALPHABET}])")


def written_number(kind: Kind, letters: str) -> str:
    """`RX`, `7K3M9QTD` → `RX-7K3M-9QTD-E`: eight letters of 5 random bits each, and ISO 7064 check letter."""
    return f"{kind}-{letters[:4]}-{letters[4:]}-{mod_37_36.calc_check_digit(letters, alphabet=_ALPHABET)}"


def read_number(text: str) -> str | None:
    """The number as it is written on the sheet, however it was typed (small letters, spaces, O for 0, I or L
    for 1); None if it is none.
    """
    found = _NUMBER.fullmatch(re.sub(r"[^0-9A-Z]", "", text.upper()).translate(str.maketrans("OIL", "011")))
    if not found:
        return None
    number = written_number(Kind(found[1]), found[2])
    return number if number.endswith(found[3]) else None


def new_letters() -> str:
    """Eight random letters for a new number: 40 bits that nobody guesses."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(8))
