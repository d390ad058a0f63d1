"""The signed statement in a prescription's QR code, and how to check one without the portal.

A statement is a JWS (RFC 7515, compact, ES256) of four claims and nothing clinical:

    rx      the prescription's number
    on      the day of issue in India, as 2026-11-23
    by      the doctor's registration number
    lines   hash of the medicine lines, see `lines_hash`

It says that this portal issued the prescription, not that it still counts: an amendment or revocation is known
to the portal alone. Keys are published as a JWKS (RFC 7517). This module knows neither Django nor the database,
so that a pharmacy can use it offline.
"""

import hashlib
import json
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from sehat.papers.errors import NoCode, OtherPortal, Tampered

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, KeySet

ALGORITHM = "ES256"
LONGEST = 2000
"""Letters of a scanned text that is looked at: a QR code holds at most 2,953."""
KEY_ID_LENGTH = 8
"""A key's id is the beginning of its thumbprint (RFC 7638): short, as it stands in every code."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What the code says: `lines` is the hash of the lines, `doctor` the registration number."""

    number: str
    day: date
    doctor: str
    lines: str


Lines = Sequence[Sequence[str]]
"""What a paper says line by line, as plain words in the order of the sheet."""


def salt_of(ref: str) -> str:
    """What is mixed into the hash of the lines: without it, a hash of one or two medicines could be guessed
    by trying all. It stands inside the PDF, never in the code; it says nothing of `ref`, which opens the page.
    """
    return hashlib.sha256(f"lines of {ref}".encode()).hexdigest()[:32]


def lines_hash(salt: str, lines: Lines) -> str:
    """22 letters: the first 128 bits of SHA-256 over salt and lines as JSON without blanks, in Unicode NFC."""
    text = json.dumps([salt, [list(line) for line in lines]], ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(unicodedata.normalize("NFC", text).encode()).digest()
    return urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def sign(statement: Statement, key: "ECKey") -> str:
    """The statement as compact JWS, about 250 letters."""
    from joserfc import jws

    claims = {
        "rx": statement.number,
        "on": statement.day.isoformat(),
        "by": statement.doctor,
        "lines": statement.lines,
    }
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":"))
    header = {"alg": ALGORITHM, "kid": str(key.kid)}
    return jws.serialize_compact(header, payload, key, algorithms=[ALGORITHM])


def key_set(published: Any) -> "KeySet":
    """The keys of a JWKS that sign codes. Raises ValueError where it is no JWKS or holds none."""
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, KeySet

    try:
        # A certificate's key, which signs PDFs, must not pass for one that signs codes.
        found = [ECKey.import_key(key) for key in published["keys"] if key.get("alg") == ALGORITHM and "x5c" not in key]
    except (JoseError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is no JWKS") from error
    if not found:
        raise ValueError("this JWKS holds no ES256 key")
    return KeySet(found)  # type: ignore[arg-type]


def code_in(text: str) -> str | None:
    """The JWS in what was scanned: the address in the QR code, or the JWS alone; None where there is none."""
    text = text.strip()[:LONGEST]
    if "://" in text or "?" in text:
        try:
            text = parse_qs(urlsplit(text).query).get("qr", [""])[0]
        except ValueError:
            return None  # an address that is none, such as http://[
    return text if text.count(".") == 2 and text.startswith("ey") else None


def number_in(text: str) -> str | None:
    """The number in the address of an older code, `…/verify/?number=RX-…`; None where there is none."""
    try:
        return parse_qs(urlsplit(text.strip()[:LONGEST]).query).get("number", [None])[0]
    except ValueError:
        return None


def read(text: str, keys: "KeySet") -> Statement:
    """What a scanned text states, if one of `keys` has signed it.

    Refuses a text without a statement (NoCode), one that a key unknown here has signed (OtherPortal), and
    one that was changed (Tampered).
    """
    from joserfc import jws
    from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError

    code = code_in(text)
    if code is None:
        raise NoCode
    try:
        signed = jws.deserialize_compact(code, keys, algorithms=[ALGORITHM])
        claims = json.loads(signed.payload)
        return Statement(claims["rx"], date.fromisoformat(claims["on"]), claims["by"], claims["lines"])
    except BadSignatureError as error:
        raise Tampered from error
    except InvalidKeyIdError as error:
        raise OtherPortal from error
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise NoCode from error
