"""The relay's credentials, as coturn checks them."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from pytest_django import Settings

from sehat.consultation.turn import ice_servers

NOW = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


def test_no_relay_means_no_server_at_all(settings: Settings) -> None:
    settings.TURN_URLS = []
    assert ice_servers(who="patient-1", now=NOW) == []


def test_the_credential_is_the_hmac_of_expiry_and_name(settings: Settings) -> None:
    settings.TURN_URLS, settings.TURN_SECRET = ["turn:relay.example.in:3478"], "a secret"
    (server,) = ice_servers(who="patient-1", now=NOW)
    expiry, who = server["username"].split(":")
    assert int(expiry) == NOW.timestamp() + 2 * 3600
    assert who == "patient-1"
    expected = hmac.new(b"a secret", server["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(server["credential"]) == expected
    assert server["urls"] == ["turn:relay.example.in:3478"]
