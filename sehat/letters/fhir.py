"""Letters as FHIR resources, for the record of the consultation (clinical.md, "FHIR R4 documents").

Every letter is a DocumentReference with its signed PDF; of a referral letter there is a ServiceRequest, too.
"""

from collections.abc import Iterable
from datetime import datetime

from sehat.letters.models import Letter
from sehat.letters.rules import Urgency
from sehat.letters.writing import ReferralLetter, SickLeave
from sehat.papers.rules import Status
from sehat.prescription import fhir_people as people
from sehat.prescription.events import Beside
from sehat.prescription.fhir_clinical import LOINC, attached
from sehat.prescription.fhir_people import Resource, coded, moment, reference, resource, system
from sehat.prescription.told import Told

PRIORITIES = {Urgency.TODAY: "asap", Urgency.SOON: "urgent", Urgency.ROUTINE: "routine"}


def beside(told: Told, letters: Iterable[Letter]) -> Beside:
    """The letters of the prescription's consultation; reads their PDFs from the storage."""
    referrals: list[Resource] = []
    documents: list[Resource] = []
    changes: list[datetime] = []
    for letter in letters:
        content = letter.written
        document = _document(told, letter, content)
        documents.append(document)
        if isinstance(content, ReferralLetter):
            referrals.append(_request(told, letter, content, document))
        changes += [at for at in (letter.issued_at, letter.revoked_at) if at]
    return Beside(referrals, documents, changes)


def _document(told: Told, letter: Letter, content: ReferralLetter | SickLeave) -> Resource:
    if isinstance(content, SickLeave):
        kind = coded("sick-leave", "Sick-leave advice", of=system("letter"))
        title = f"Sick-leave advice {letter.number}"
        says = f"{content.first} to {content.last}"
    else:
        kind = coded("57133-1", "Referral note", of=LOINC)
        title = f"Referral letter {letter.number}"
        says = f"{content.department}, {content.hospital}"
    with letter.file.open("rb") as file:
        pdf = file.read()
    return resource(
        "DocumentReference",
        f"{letter.ref}/document",
        identifier=[{"system": system("letter"), "value": letter.number}],
        status="entered-in-error" if letter.status == Status.REVOKED else "current",
        docStatus="entered-in-error" if letter.status == Status.REVOKED else "final",
        type=kind,
        subject=reference(people.patient(told)),
        author=[reference(people.practitioner(told))],
        date=moment(letter.issued_at),
        description=says,
        content=attached(pdf, title=title, at=letter.issued_at),
        context={"encounter": [reference(people.encounter(told, []))]},
    )


def _request(told: Told, letter: Letter, content: ReferralLetter, document: Resource) -> Resource:
    notes = (content.history, content.treatment, f"Allergies: {content.allergies}" if content.allergies else "")
    return resource(
        "ServiceRequest",
        f"{letter.ref}/referral",
        identifier=[{"system": system("letter"), "value": letter.number}],
        status="revoked" if letter.status == Status.REVOKED else "active",
        intent="order",
        priority=PRIORITIES[content.urgency],
        category=[coded("306206005", "Referral to service")],
        code={"text": content.department},
        subject=reference(people.patient(told)),
        encounter=reference(people.encounter(told, [])),
        authoredOn=moment(letter.issued_at),
        requester=reference(people.practitioner(told)),
        locationCode=[{"text": content.hospital}],
        reasonCode=[{"text": words} for words in (content.reason, content.diagnosis) if words],
        note=[{"text": words} for words in notes if words],
        supportingInfo=[reference(document)],
    )
