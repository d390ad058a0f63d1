"""Lays a letter out for the sheet: every text in both languages."""

from pathlib import Path
from typing import Any

from django.conf import settings

from sehat.consultation.rules import Mode
from sehat.kernel.clock import india_day
from sehat.letters.models import Letter
from sehat.letters.rules import Reason, Rest, Urgency
from sehat.letters.writing import ReferralLetter, SickLeave
from sehat.papers import printing
from sehat.papers.coding import code_of
from sehat.papers.people import MODES
from sehat.papers.printing import day_in_words, moment_in_words
from sehat.papers.said import Said
from sehat.papers.statement import salt_of

TEMPLATE = Path(__file__).with_name("letter.typ")

# The sheet carries both languages, so these are pairs and not messages of a catalogue.
URGENCIES = {
    Urgency.TODAY: Said("Urgent: to be seen today", "ज़रूरी: आज ही दिखाएँ"),
    Urgency.SOON: Said("Soon: to be seen within a week", "जल्दी: एक हफ़्ते के भीतर दिखाएँ"),
    Urgency.ROUTINE: Said("Routine", "सामान्य: जब सुविधा हो"),
}
RESTS = {
    Rest.HOME: Said("Rest at home", "घर पर आराम"),
    Rest.LIGHT: Said("Light duties", "हल्का काम"),
    Rest.NO_TRAINING: Said("No physical training", "शारीरिक प्रशिक्षण नहीं"),
}
REASONS = {
    Reason.UNWELL: Said("The patient is unwell and needs rest.", "मरीज़ अस्वस्थ हैं और उन्हें आराम की ज़रूरत है।"),
    Reason.RECOVERING: Said(
        "The patient is recovering and still needs rest.",
        "मरीज़ की तबीयत सुधर रही है, पर उन्हें अभी और आराम की ज़रूरत है।",
    ),
    Reason.INJURED: Said("The patient has an injury and needs rest.", "मरीज़ को चोट लगी है और उन्हें आराम की ज़रूरत है।"),
    Reason.APART: Said(
        "The patient should stay apart from others for these days.", "मरीज़ का इन दिनों दूसरों से अलग रहना ठीक है।"
    ),
}


def said_of(written: ReferralLetter | SickLeave) -> dict[str, Said]:
    """What of a letter is said in both languages, for a page."""
    if isinstance(written, ReferralLetter):
        return {"urgency": URGENCIES[written.urgency]}
    return {"rest": RESTS[written.rest], "reason": REASONS[written.reason]}


def pdf_of(letter: Letter, *, mode: Mode) -> bytes:
    """The letter's PDF, unsigned. `mode` is that of the consultation so far."""
    people, said = letter.people, MODES[mode]
    written = letter.written
    content: dict[str, Any] = {
        **people,
        "number": letter.number,
        "demo": settings.SEHAT_DEMO,
        "issued": moment_in_words(letter.issued_at),
        "seen": day_in_words(india_day(letter.consultation.started_at)),
        "mode": _pair(said),
        "purpose": letter.purpose,
        "letter": _referral(written) if isinstance(written, ReferralLetter) else _leave(written),
    }
    code = code_of(
        number=letter.number,
        issued_at=letter.issued_at,
        doctor=people["doctor"]["registration"],
        salt=salt_of(letter.ref),
        lines=letter.stated,
    )
    return printing.print_sheet(TEMPLATE, content, code=code, issued_at=letter.issued_at)


def _referral(written: ReferralLetter) -> dict[str, Any]:
    return written.kept | {"urgency": _pair(URGENCIES[written.urgency])}


def _leave(written: SickLeave) -> dict[str, Any]:
    days = written.days
    return written.kept | {
        "first": day_in_words(written.first),
        "last": day_in_words(written.last),
        "days": _pair(Said(f"{days} day{'' if days == 1 else 's'}", f"{days} दिन")),
        "rest": _pair(RESTS[written.rest]),
        "reason": _pair(REASONS[written.reason]),
    }


def _pair(said: Said) -> dict[str, str]:
    return {"english": said.english, "hindi": said.hindi}
