"""What HQ reads, by its machines' keys or by a session: which consultations have ended, and records for a reason."""

from datetime import datetime
from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Query, Router

from sehat.api.doors import HQ, SIGNED, AskedBy, checked
from sehat.api.errors import Invalid
from sehat.api.schemas import EndedOut, EndedPage, PaperOut, RecordIn
from sehat.audit import services as audit
from sehat.consultation import queries as consultations
from sehat.consultation.models import Consultation
from sehat.papers import queries as papers
from sehat.papers.models import Paper

router = Router(tags=["HQ"])
AT_ONCE = 100
EARLIEST, LATEST = 2000, 9000

EITHER: dict[str, Any] = {
    "responses": {200: {"description": "The document", "content": {"application/fhir+json": {}, "application/pdf": {}}}}
}


@router.get("/hq/consultations", auth=HQ, response={200: EndedPage, **SIGNED}, summary="Consultations that have ended")
def ended(request: AskedBy, since: datetime, after: int = Query(0, ge=0, lt=2**63)) -> EndedPage:
    """A hundred at a time, in the order in which they ended, with what `POST /hq/records` may be asked for. No word of
    the patient stands here. Ask again with the `since` and `after` of the answer: while there is `more`, and tomorrow.
    """
    # Beyond these years a moment cannot be written in every zone.
    if since.tzinfo is None or not EARLIEST <= since.year <= LATEST:
        raise Invalid({"since": [_("Write a moment with its offset, like 2026-11-23T10:00:00+05:30.")]})
    rows = list(consultations.ended(since=since, after=after)[: AT_ONCE + 1])
    shown = rows[:AT_ONCE]
    papers_of = papers.of_consultations([row.pk for row in shown])
    audit.record(
        actor=request.auth, action="hq.list", subject="consultation.consultation", since=since, rows=len(shown)
    )
    last = shown[-1] if shown else None
    return EndedPage(
        consultations=[_row(row, papers_of.get(row.pk, [])) for row in shown],
        since=last.ended_at if last and last.ended_at else since,
        after=last.pk if last else after,
        more=len(rows) > AT_ONCE,
    )


def _row(consultation: Consultation, found: list[Paper]) -> EndedOut:
    return EndedOut(
        consultation=consultation.ref,
        opd=consultation.token.opd.code,
        doctor=str(consultation.doctor),
        started_at=consultation.started_at,
        ended_at=consultation.ended_at,
        outcome=consultation.outcome,
        papers=[PaperOut(number=paper.number, status=paper.status) for paper in found],
    )


@router.post("/hq/records", auth=HQ, response={**SIGNED}, openapi_extra=EITHER, summary="A record, for a reason")
def record(request: AskedBy, body: RecordIn) -> HttpResponseBase:
    """`number`: of a prescription or letter, or a `consultation` of the list. `record`: `prescription` or
    `consultation` (FHIR), or `pdf`. The reason is kept for good, with the name of who asked, or the key.
    """
    from sehat.prescription.handing_out import RecordForm, hand_to_hq

    return hand_to_hq(checked(RecordForm(body.dict())), by=request.auth)
