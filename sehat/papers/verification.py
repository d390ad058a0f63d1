"""Whether what somebody holds is a paper of this portal that still counts. Nothing clinical is told."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from sehat.kernel.clock import india_day
from sehat.papers import checking, keys, queries, statement
from sehat.papers.errors import NoCode, Tampered
from sehat.papers.models import Paper
from sehat.papers.rules import Status, read_number
from sehat.papers.statement import Statement


class Standing(StrEnum):
    """What is told of a paper."""

    VALID = "valid"
    AMENDED = "amended"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer. `signed` says that a signature was checked, and not only the number compared."""

    standing: Standing
    paper: Paper | None = None
    signed: bool = False


def of_text(text: str) -> Finding:
    """Of a number as it was typed, or of what was scanned off the sheet.

    Refuses what is neither (NoCode), a code of another portal (OtherPortal) and a changed one (Tampered).
    """
    if statement.code_in(text):
        return _of_statement(statement.read(text, keys.code_keys()))
    number = read_number(statement.number_in(text) or text[:60])
    if number is None:
        raise NoCode
    return _standing(queries.by_number(number), signed=False)


def of_pdf(pdf: bytes) -> Finding:
    """Of a paper's file. Refuses as `checking.check_pdf` does."""
    if found := queries.by_hash(hashlib.sha256(pdf).hexdigest()):
        return _standing(found, signed=True)
    stated = checking.check_pdf(pdf, keys.published())
    if queries.by_number(stated.number):
        raise Tampered  # signed by us, and not the file that was issued under this number
    return Finding(Standing.UNKNOWN, signed=True)


def stated_by(paper: Paper) -> Statement:
    """What the code of the paper has to say."""
    return Statement(
        number=paper.number,
        day=india_day(paper.issued_at),
        doctor=paper.people["doctor"]["registration"],
        lines=statement.lines_hash(statement.salt_of(paper.ref), paper.stated),
    )


def _of_statement(stated: Statement) -> Finding:
    found = queries.by_number(stated.number)
    if found and stated_by(found) != stated:
        raise Tampered  # what lies in the database is not what was signed
    return _standing(found, signed=True)


def _standing(found: Paper | None, *, signed: bool) -> Finding:
    if found is None:
        return Finding(Standing.UNKNOWN, signed=signed)
    if found.status == Status.ISSUED:
        return Finding(Standing.VALID, found, signed)
    return Finding(Standing.AMENDED if found.replacement else Standing.REVOKED, found, signed)
