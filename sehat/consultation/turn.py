"""Credentials of the relay: short-lived, made without asking it.

coturn's `use-auth-secret` scheme (draft-uberti-behave-turn-rest-00): the name is the moment of expiry and who
asks, the password is its HMAC-SHA1 under the shared secret, in base64.
"""

import base64
import hmac
from datetime import datetime, timedelta
from typing import TypedDict

from django.conf import settings

LIFE = timedelta(hours=2)  # the relay also checks it when a long call renews its place


class IceServer(TypedDict):
    """One entry of RTCConfiguration.iceServers."""

    urls: list[str]
    username: str
    credential: str


def ice_servers(*, who: str, now: datetime) -> list[IceServer]:
    """What a browser is given; empty where no relay is set up: no server outside the own network is asked."""
    if not settings.TURN_URLS:
        return []
    username = f"{int((now + LIFE).timestamp())}:{who}"
    digest = hmac.digest(settings.TURN_SECRET.encode(), username.encode(), "sha1")
    credential = base64.b64encode(digest).decode()
    return [IceServer(urls=list(settings.TURN_URLS), username=username, credential=credential)]
