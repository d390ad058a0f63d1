"""The code on a paper: the address that the QR code leads to, with the signed statement in it."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from sehat.kernel.clock import india_day
from sehat.papers import keys
from sehat.papers.statement import Lines, Statement, lines_hash, sign


@dataclass(frozen=True, slots=True)
class Code:
    """What a machine reads off a paper."""

    verify_url: str
    """Where anybody can check the number."""
    address: str
    """What the QR code says. Telephones open it by themselves and the page checks the statement.

    The statement stands in the query and not in the fragment: the page then works at the first request and
    without scripts, and it names no patient and nothing clinical that a log must not hold.
    """
    plain_lines: str
    """What the statement's hash is of, as JSON: kept among the PDF's properties, for checking offline."""


def code_of(*, number: str, issued_at: datetime, doctor: str, salt: str, lines: Lines) -> Code:
    """The code of a paper with these `lines`; `doctor` is the registration number."""
    stated = Statement(number, india_day(issued_at), doctor, lines_hash(salt, lines))
    page = settings.PUBLIC_URL + reverse("papers:verify")
    return Code(
        verify_url=f"{page}?number={number}",
        address=f"{page}?qr={sign(stated, keys.code_key())}",
        plain_lines=json.dumps([salt, lines], ensure_ascii=False, separators=(",", ":")),
    )
