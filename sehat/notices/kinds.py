"""Every kind of notice in one registry: its words in both languages, its channels, what it must be given.

The words are rendered in the recipient's language at the moment of writing. They hold no clinical word, as an
SMS is read over the shoulder. Indian gateways take an SMS only with the DLT id of its registered template;
`SEHAT_DLT_TEMPLATES` sets the ids (`otp=1107…,call_now=1107…`).
"""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sehat.notices.rules import Channel

OTP = "otp"
TOKEN_ISSUED = "token_issued"
THREE_AHEAD = "three_ahead"
CALL_NOW = "call_now"
CALL_MISSED = "call_missed"
PRESCRIPTION_READY = "prescription_ready"
PRESCRIPTION_AMENDED = "prescription_amended"
PRESCRIPTION_REVOKED = "prescription_revoked"
LETTER_READY = "letter_ready"
LETTER_REVOKED = "letter_revoked"
TOKEN_EXPIRED = "token_expired"
REFERRED = "referred"
CLOSING_SOON = "closing_soon"
TOKEN_CANCELLED = "token_cancelled"
REMINDER = "reminder"
CONTACT_RECEIVED = "contact_received"
CORRECTION_DECIDED = "correction_decided"
PARCEL_CHOSEN = "parcel_chosen"
PARCEL_READY = "parcel_ready"
MEDICINE_SENT = "medicine_sent"
PARCEL_DELIVERED = "parcel_delivered"
PARCEL_CANCELLED = "parcel_cancelled"

BOTH = (Channel.SMS, Channel.EMAIL)


@dataclass(frozen=True)
class Kind:
    """One kind: `subject` heads the e-mail, `text` is the SMS and the e-mail's body."""

    name: str
    subject: str | Promise
    text: str | Promise
    page: str = ""
    """URL name of the page that `%(link)s` leads to, where the writer gives no link of its own."""
    channels: tuple[Channel, ...] = BOTH
    good_for: timedelta = timedelta(days=1)
    """After this it is no use to anybody and is not sent any more."""
    secret: bool = False
    """Whether the text holds a code that must not stay in the database once it was sent."""


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            OTP,
            _("Your SeHAT OPD code"),
            _("SeHAT OPD: %(code)s is your OTP, valid for %(minutes)s minutes. Tell it to nobody."),
            channels=(Channel.SMS,),
            good_for=timedelta(minutes=15),
            secret=True,
        ),
        Kind(
            TOKEN_ISSUED,
            _("Your Patient ID and token"),
            _(
                "SeHAT OPD: your Patient ID is %(patient_id)s, your token for today is %(token)s (%(opd)s). "
                "Log in with your mobile number and this token: %(link)s"
            ),
            page="tokens:login",
        ),
        Kind(
            THREE_AHEAD,
            _("Three patients before you"),
            _("SeHAT OPD: three patients are before you (token %(token)s). Please open this page: %(link)s"),
            page="waiting:room",
            channels=(Channel.SMS,),
            good_for=timedelta(minutes=10),
        ),
        Kind(
            CALL_NOW,
            _("The doctor is free for you"),
            _("SeHAT OPD: the doctor is free for you. Press Call Now within %(minutes)s minutes: %(link)s"),
            page="waiting:room",
            channels=(Channel.SMS,),
            good_for=timedelta(minutes=2),
        ),
        Kind(
            CALL_MISSED,
            _("You missed your call"),
            _(
                "SeHAT OPD: Call Now was not pressed in time. Your token %(token)s still counts; "
                "your place is now %(place)s. Please keep the waiting room open: %(link)s"
            ),
            page="waiting:room",
            channels=(Channel.SMS,),
        ),
        Kind(
            PRESCRIPTION_READY,
            _("Your prescription"),
            _("SeHAT OPD: your ePrescription is ready. View, download or print it here: %(link)s"),
        ),
        Kind(
            PRESCRIPTION_AMENDED,
            _("Your prescription was changed"),
            _(
                "SeHAT OPD: the doctor has replaced your prescription %(number)s by a new one. Please do not use the "
                "old one any more. The new one: %(link)s"
            ),
        ),
        Kind(
            PRESCRIPTION_REVOKED,
            _("Your prescription was revoked"),
            _(
                "SeHAT OPD: the doctor has revoked your prescription %(number)s. Please take no medicines by it; read "
                "why: %(link)s"
            ),
        ),
        Kind(
            LETTER_READY,
            _("A letter from your doctor"),
            _("SeHAT OPD: your doctor has signed a letter for you. View, download or print it here: %(link)s"),
        ),
        Kind(
            LETTER_REVOKED,
            _("A letter was revoked"),
            _("SeHAT OPD: the doctor has revoked the letter %(number)s. Please do not use it; read why: %(link)s"),
        ),
        Kind(
            TOKEN_EXPIRED,
            _("Your token has expired"),
            _("SeHAT OPD: the OPD has closed; token %(token)s has expired. Please take a new one: %(link)s"),
            page="registration:start",
        ),
        Kind(
            REFERRED,
            _("Your token for the specialist"),
            _(
                "SeHAT OPD: your doctor has referred you to %(opd)s. Your new token is %(token)s. "
                "Log in with your mobile number and this token: %(link)s"
            ),
            page="tokens:login",
        ),
        Kind(
            CLOSING_SOON,
            _("The OPD closes soon"),
            _(
                "SeHAT OPD: the OPD closes at %(closes)s and a doctor may not reach you before (token %(token)s). "
                "You may keep waiting, or come back on the next OPD day with priority: %(link)s"
            ),
            page="waiting:room",
            good_for=timedelta(hours=1),
        ),
        Kind(
            TOKEN_CANCELLED,
            _("Your token is cancelled"),
            _("SeHAT OPD: your token %(token)s is cancelled. You can take a new one here: %(link)s"),
            page="registration:start",
        ),
        Kind(
            REMINDER,
            _("Your Patient ID and token"),
            _("SeHAT OPD: your Patient ID is %(patient_id)s. Your open token: %(token)s."),
        ),
        Kind(
            CONTACT_RECEIVED,
            _("We have your message"),
            _("SeHAT OPD: we have received your message and will answer you. Thank you."),
        ),
        Kind(
            CORRECTION_DECIDED,
            _("Your correction request"),
            _("SeHAT OPD: your request to correct your details was decided: %(outcome)s."),
        ),
        Kind(
            PARCEL_CHOSEN,
            _("Your parcel"),
            _(
                "SeHAT OPD: %(store)s will prepare your parcel (number %(number)s). You will get an SMS when it is "
                "ready or sent. To look or to change: %(link)s"
            ),
        ),
        Kind(
            PARCEL_READY,
            _("Your parcel is ready"),
            _(
                "SeHAT OPD: your parcel (number %(number)s) is ready at %(store)s. Please bring this number and your "
                "identity card: %(link)s"
            ),
            good_for=timedelta(days=3),
        ),
        Kind(
            MEDICINE_SENT,
            _("Your parcel is on its way"),
            _(
                "SeHAT OPD: your parcel (number %(number)s) has been sent to your address. When it has arrived, "
                "please tell us here: %(link)s"
            ),
        ),
        Kind(
            PARCEL_DELIVERED,
            _("Your parcel was delivered"),
            _(
                "SeHAT OPD: your parcel (number %(number)s) was delivered. If you do not have it, please call the "
                "store: %(link)s"
            ),
        ),
        Kind(
            PARCEL_CANCELLED,
            _("Your parcel is cancelled"),
            _(
                "SeHAT OPD: your parcel (number %(number)s) from %(store)s was cancelled. See why, and choose again: "
                "%(link)s"
            ),
        ),
    )
}
