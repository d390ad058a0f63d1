"""`sehat verify`: checks a prescription at the command line, with the portal's database or offline with its keys.

Exit codes: 0 it is genuine (and, with the database, valid); 1 it is not, or counts no more; 2 it could not be checked.
"""

import json
import sys
from pathlib import Path

from sehat.kernel.errors import Refusal
from sehat.papers.checking import MOST_BYTES, check_pdf
from sehat.papers.statement import Statement, key_set, read

GENUINE, NOT_GENUINE, NOT_CHECKED = 0, 1, 2


def offline(*, paper: Path | None, code: str, jwks: Path) -> int:
    """Check a PDF, or else a scanned code, by the keys in a file. Whether it was revoked only the portal knows."""
    try:
        published = json.loads(jwks.read_bytes())
        keys = key_set(published)
    except (OSError, ValueError) as error:
        return _not_checked(f"{jwks} is no JWKS with the portal's keys: {error}")
    try:
        stated = check_pdf(_read(paper), published) if paper else read(code, keys)
    except OSError as error:
        return _not_checked(f"{paper} cannot be read: {error}")
    except Refusal as refusal:
        return _not_genuine(refusal)
    _say("genuine", stated)
    sys.stdout.write(
        "Whether it was revoked since, the portal tells: look up the number there when you have the line.\n"
    )
    return GENUINE


def online(*, paper: Path | None, code: str) -> int:
    """Check with the portal's database: also tells whether it was amended or revoked."""
    from sehat.papers import verification
    from sehat.papers.verification import Standing

    try:
        found = verification.of_pdf(_read(paper)) if paper else verification.of_text(code)
    except OSError as error:
        return _not_checked(f"{paper} cannot be read: {error}")
    except Refusal as refusal:
        return _not_genuine(refusal)
    if found.paper is None:
        sys.stdout.write("unknown: this portal has issued no such prescription\n")
        return NOT_GENUINE
    _say(found.standing, verification.stated_by(found.paper))
    if found.paper.replacement:
        sys.stdout.write(f"replaced by {found.paper.replacement.number}\n")
    return GENUINE if found.standing == Standing.VALID else NOT_GENUINE


def _read(paper: Path) -> bytes:
    with paper.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _say(word: str, stated: Statement) -> None:
    sys.stdout.write(f"{word}: {stated.number}, issued {stated.day}, doctor's registration {stated.doctor}\n")


def _not_genuine(refusal: Refusal) -> int:
    sys.stderr.write(f"not genuine: {refusal}\n")
    return NOT_GENUINE


def _not_checked(why: str) -> int:
    sys.stderr.write(f"not checked: {why}\n")
    return NOT_CHECKED
