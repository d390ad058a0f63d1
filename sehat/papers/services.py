"""What may happen to a paper after it was issued."""

from datetime import datetime

from sehat.papers.errors import NotValidAnyMore
from sehat.papers.events import taken_back
from sehat.papers.models import Paper
from sehat.papers.rules import Status


def revoke(paper: Paper, *, reason: str, now: datetime) -> None:
    """Let it count no more, inside the caller's transaction. The reason may be clinical: it stays with the paper and
    goes into no audit row and no SMS. Refuses one that was revoked before (NotValidAnyMore).
    """
    valid = type(paper)._default_manager.filter(pk=paper.pk, status=Status.ISSUED)
    if not valid.update(status=Status.REVOKED, revoked_at=now, revoked_because=reason):
        raise NotValidAnyMore(number=paper.number)
    taken_back.send(sender=type(paper), paper=paper, now=now)
