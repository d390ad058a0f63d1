"""Words of the store in the reader's language."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sehat.pharmacy.models import Dispensed
from sehat.pharmacy.rules import State
from sehat.prescription import phrases
from sehat.prescription.dosage import Food

register = template.Library()

TONES = {State.READY: "ok", State.HANDED_OVER: "ok", State.DELIVERED: "ok", State.SENT: "ok", State.CANCELLED: "error"}
PARTS: dict[str, str | Promise] = {
    "received": pgettext_lazy("orders", "New"),
    "preparing": _("Being prepared"),
    "ready": _("Ready to collect"),
    "sent": _("Sent"),
    "done": _("Done today"),
}
NOTHING: dict[str, str | Promise] = {
    "received": _("No new orders. Look up a prescription above when a patient comes to the counter."),
    "preparing": _("Nothing is being prepared."),
    "ready": _("Nothing waits to be collected."),
    "sent": _("Nothing is on its way."),
    "done": _("Nothing was finished today yet."),
}
VERBS: dict[str, str | Promise] = {
    State.PREPARING: _("Begin to prepare"),
    State.READY: _("Ready: tell the patient"),
    State.SENT: _("Sent: tell the patient"),
    State.HANDED_OVER: _("Handed over"),
    State.DELIVERED: pgettext_lazy("verb", "Delivered"),
}
CANCEL: dict[str, tuple[str | Promise, str | Promise]] = {
    State.RECEIVED: (
        _("The patient is told that the store cannot supply the medicines, and may choose another store."),
        _("Cannot be supplied"),
    ),
    State.PREPARING: (
        _("What is packed goes back to the shelf; the patient is told and may choose another store."),
        _("Cannot be supplied"),
    ),
    State.READY: (_("Nobody came: what is packed goes back to the shelf; the patient is told."), _("Not collected")),
    State.SENT: (
        _("The parcel is here again: what was in it goes back to the shelf; the patient is told."),
        _("Came back"),
    ),
}


@register.filter
def tone(state: str) -> str:
    """The colour of a state's badge."""
    return TONES.get(State(state), "warn")


@register.filter
def part_name(part: str) -> str | Promise:
    """A part of the store's list."""
    return PARTS[part]


@register.filter
def nothing_here(part: str) -> str | Promise:
    """What stands there when a part is empty."""
    return NOTHING[part]


@register.filter
def verb(state: str) -> str | Promise:
    """The button that leads to a state."""
    return VERBS[state]


@register.filter
def cancel_words(state: str) -> str | Promise:
    """What cancelling does, by where the order stands."""
    return CANCEL[state][0]


@register.filter
def cancel_verb(state: str) -> str | Promise:
    """The button of it."""
    return CANCEL[state][1]


@register.filter
def tel(phone: str) -> str:
    """A telephone number as a link takes it."""
    return "".join(sign for sign in phone if sign.isdigit() or sign == "+")


@register.filter
def given(row: Dispensed) -> str:
    """What was handed out of a medicine."""
    counted = phrases.counted(row.given, row.unit)
    return counted.hindi if get_language() == "hi" else counted.english


@register.filter
def how_given(row: Dispensed) -> str:
    """How what was given is to be taken."""
    said = phrases.course(form=row.form, steps=row.steps, food=Food(row.line.food))
    return said.hindi if get_language() == "hi" else said.english
