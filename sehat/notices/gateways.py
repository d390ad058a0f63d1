"""How notices leave: SMS through an Apprise URL, e-mail through Django's mailer; a demo needs neither."""

from smtplib import SMTPException
from urllib.parse import quote

from django.conf import settings
from django.core.mail import EmailMessage

from sehat.notices.errors import GatewayError
from sehat.notices.models import Notice
from sehat.notices.rules import Channel


def open_channels() -> frozenset[Channel]:
    """The channels that this portal can send on; in demo mode both, as the outbox page stands in for them."""
    urls = {Channel.SMS: settings.SMS_URL, Channel.EMAIL: settings.EMAIL_URL}
    return frozenset(channel for channel, url in urls.items() if url or settings.SEHAT_DEMO)


def send(notice: Notice) -> None:
    """Hand the notice to its gateway; a demo without one lets the outbox page show it.

    Raises `GatewayError` where the gateway refused or could not be reached.
    """
    if notice.channel == Channel.SMS and settings.SMS_URL:
        _send_sms(notice)
    elif notice.channel == Channel.EMAIL and settings.EMAIL_URL:
        _send_email(notice)


def _send_sms(notice: Notice) -> None:
    # Apprise takes 0.4 s to import, which only a process that really sends should pay.
    from apprise import Apprise, NotifyFormat

    url = settings.SMS_URL.replace("{to}", quote(notice.to)).replace("{template}", quote(notice.template_id))
    gateway = Apprise()
    if not gateway.add(url):
        raise GatewayError("SMS_URL is not an Apprise URL")
    if not gateway.notify(body=notice.text, body_format=NotifyFormat.TEXT):
        raise GatewayError("the SMS gateway refused the notice or could not be reached")


def _send_email(notice: Notice) -> None:
    try:
        EmailMessage(notice.subject, notice.text, to=[notice.to]).send()
    except (SMTPException, OSError) as error:
        raise GatewayError(type(error).__name__) from error
