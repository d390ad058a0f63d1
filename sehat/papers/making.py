"""Gives a paper its number, its signature and its place in the storage.

Making and signing takes tens of milliseconds, so it is done before the transaction, which holds the database's
write lock; `kept_if_stored` takes the file away again where no row came to name it.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.base import ContentFile

from sehat.kernel import files
from sehat.papers import rules, signing
from sehat.papers.models import Paper, paper_path
from sehat.papers.rules import Kind


def new_number(model: type[Paper], kind: Kind) -> str:
    """A number that no paper of this kind has."""
    while True:
        number = rules.written_number(kind, rules.new_letters())
        if not model._default_manager.filter(number=number).exists():
            return number


def sign_and_keep(paper: Paper, pdf: bytes, *, reason: str) -> None:
    """Sign the PDF and put it into the storage; the row is still to be saved. Raises StoreAway."""
    signed = signing.sign(pdf, reason=reason)
    paper.size, paper.sha256 = len(signed), hashlib.sha256(signed).hexdigest()
    paper.file.name = paper.file.storage.save(paper_path(paper, ""), ContentFile(signed))


@contextmanager
def kept_if_stored(paper: Paper) -> Iterator[None]:
    """Take the file away again where the block does not end well."""
    try:
        yield
    except BaseException:
        files.discard(str(paper.file.name))
        raise
