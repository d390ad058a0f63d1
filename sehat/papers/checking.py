"""Checks a prescription's PDF without the portal: is it whole, is it signed by this portal, what does it state?

Needs the portal's JWKS and nothing else: neither Django, nor the database, nor the network.
"""

import io
import json
import zlib
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from sehat.papers import statement
from sehat.papers.errors import NoCode, NotAPdf, NotOurs, Tampered, TooBig
from sehat.papers.statement import Statement

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

MOST_MEGABYTES = 4
MOST_BYTES = MOST_MEGABYTES * 1024 * 1024
"""A prescription of twenty medicines is 0.2 MB."""
MOST_PAGES = 20


def check_pdf(pdf: bytes, published: Any) -> Statement:
    """What the PDF states, when it is just as this portal has signed it. `published` is the portal's JWKS.

    Refuses a file that is too long (TooBig) or no PDF (NotAPdf), one that this portal has not signed
    (NotOurs, OtherPortal), and one that was changed since (Tampered).
    """
    if len(pdf) > MOST_BYTES:
        raise TooBig(most=MOST_MEGABYTES)
    address, kept = _code_and_lines(pdf)
    keys = statement.key_set(published)
    whole = _is_whole(pdf, _certificates(published))
    if whole is None:
        try:
            statement.read(address, keys)
        except NoCode as error:
            raise NotOurs from error
        # A code of ours in a paper that is not: taken from another sheet, or the signature was cut off.
        raise Tampered
    if not whole:
        raise Tampered
    stated = statement.read(address, keys)
    if stated.lines != _hash_of(kept):
        raise Tampered
    return stated


def _code_and_lines(pdf: bytes) -> tuple[str, str]:
    """The address under the QR code, and the lines as text; empty where there is none."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(pdf)) as paper:
            kept = str(paper.open_metadata().get("dc:description", ""))
            for page in list(paper.pages)[:MOST_PAGES]:
                for note in page.get("/Annots", []):
                    address = str(note["/A"]["/URI"]) if "/A" in note and "/URI" in note["/A"] else ""
                    if statement.code_in(address):
                        return address, kept
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError) as error:
        # A file may hold anything in place of a list or a name.
        raise NotAPdf from error
    return "", kept


def _hash_of(kept: str) -> str:
    try:
        salt, lines = json.loads(kept)
        return statement.lines_hash(salt, lines)
    except (ValueError, TypeError):
        return ""


def _certificates(published: Any) -> set[bytes]:
    """The certificates that sign the portal's PDFs, as DER."""
    return {b64decode(key["x5c"][0]) for key in published["keys"] if key.get("x5c")}


def _is_tidy(pdf: bytes, signature: "EmbeddedPdfSignature") -> bool:
    """Whether the room kept for the signature, the one place that it cannot cover, holds it and zeros only."""
    from asn1crypto.cms import ContentInfo

    _start, before, after, _length = (int(place) for place in signature.byte_range)
    held = bytes(signature.pkcs7_content)
    size = len(ContentInfo.load(held).dump())
    return not any(held[size:]) and pdf[before:after] == b"<" + held.hex().upper().encode() + b">"


def _is_whole(pdf: bytes, certificates: set[bytes]) -> bool | None:
    """None: signed by none of the certificates. False: signed, but changed or added to since. True: as it was signed.

    The certificate itself is compared, so that neither a chain nor the day matters: a prescription outlives it.
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    # A stranger may have written the file: it can stop the reader anywhere.
    broken = (PdfError, SignatureValidationError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
    ours = None
    try:
        for one in PdfFileReader(io.BytesIO(pdf)).embedded_signatures:
            if one.signer_cert.dump() in certificates:
                ours = one
                break
        else:
            return None
        status = validate_pdf_signature(ours, ValidationContext(trust_roots=[ours.signer_cert]))
    except (*broken, zlib.error, RecursionError, NotImplementedError):
        return False if ours else None
    return (
        _is_tidy(pdf, ours)
        and status.intact
        and status.valid
        and status.coverage == SignatureCoverageLevel.ENTIRE_FILE
        and status.modification_level == ModificationLevel.NONE
    )
