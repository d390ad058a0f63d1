"""The codes of the second factor: those of an authenticator app (RFC 6238), and recovery codes on paper.

What is stored of them is of no use without `SEHAT_SECRET_KEY`: keys are sealed (Fernet: AES-CBC with HMAC), recovery
codes are kept as keyed hashes; both with the person's number, so that a row counts for nobody else.
"""

import base64
import logging
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.crypto import salted_hmac

from sehat.accounts.rules import CODE_DIGITS, RECOVERY_CODES, RECOVERY_DIGITS, STEP_SECONDS, steps_around

if TYPE_CHECKING:  # `cryptography` is 13 MB, which only a process that is asked for a code pays
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.twofactor.totp import TOTP

log = logging.getLogger(__name__)

ISSUER = "SeHAT OPD"
KEY_BYTES = 20
"""As long as the hash is (RFC 4226, 4: R6)."""


def new_key() -> bytes:
    """A key for an app."""
    return secrets.token_bytes(KEY_BYTES)


def step_of(key: bytes, code: str, *, now: datetime, after: int = -1) -> int | None:
    """The step whose code this is, of those that count now and come after that one; None where it is of none."""
    from cryptography.hazmat.primitives.twofactor import InvalidToken

    for step in steps_around(now):
        try:
            _totp(key).verify(code.encode(), step * STEP_SECONDS)
        except InvalidToken:
            continue
        if step > after:
            return step
    return None


def _totp(key: bytes) -> "TOTP":
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.twofactor.totp import TOTP

    # SHA-1, six digits, 30 s: apps read other values from the address, and go by these all the same.
    return TOTP(key, CODE_DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 - as HMAC it holds (RFC 6238, 1.2)


def address_of(key: bytes, username: str) -> str:
    """What the app reads off the QR code."""
    return _totp(key).get_provisioning_uri(username, ISSUER)


def to_type(key: bytes) -> str:
    """The key for who types it into the app: base32 in groups of four."""
    text = base64.b32encode(key).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def picture_of(address: str) -> str:
    """The QR code as an address of data: an SVG, dark on white in every scheme, as cameras expect it."""
    import zxingcpp

    svg = zxingcpp.create_barcode(address, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_svg()
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def seal(key: bytes, staff: int) -> str:
    """The key as it is stored for that person."""
    return _sealer(staff).encrypt(key).decode()


def opened(sealed: str, staff: int) -> bytes | None:
    """The key again; None where it was sealed for another person or under another `SEHAT_SECRET_KEY`."""
    from cryptography.fernet import InvalidToken

    try:
        return _sealer(staff).decrypt(sealed)
    except InvalidToken:
        log.warning("the second factor of staff %s was sealed under another SEHAT_SECRET_KEY", staff)
        return None


def _sealer(staff: int) -> "Fernet":
    from cryptography.fernet import Fernet

    key = salted_hmac("sehat.accounts.codes.seal", str(staff), algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))


def new_recovery_codes() -> list[str]:
    """Codes for the paper, all different."""
    codes: set[str] = set()
    while len(codes) < RECOVERY_CODES:
        codes.add(f"{secrets.randbelow(10**RECOVERY_DIGITS):0{RECOVERY_DIGITS}}")
    return sorted(codes)


def digest_of(code: str, staff: int) -> str:
    """What is stored of a recovery code."""
    return salted_hmac("sehat.accounts.codes.recovery", f"{staff}:{code}", algorithm="sha256").hexdigest()
