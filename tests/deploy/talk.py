"""Browsers of the tests without a browser: cookies of a session, pages over HTTP, sockets."""

import json
import re
import ssl
from typing import Any, Self

import httpx2
from websockets import Origin
from websockets.sync.client import ClientConnection, connect

PATIENCE = 20  # seconds


class Person:
    """Somebody signed in, at one address of the portal."""

    def __init__(self, address: str, session: str, *, tls: ssl.SSLContext | None = None) -> None:
        self.address = address
        self.session = session
        self.tls = tls
        # Without TLS of its own the test stands where the reverse proxy stands, and says so.
        headers = {} if tls else {"X-Forwarded-Proto": "https"}
        self.web = httpx2.Client(
            base_url=address,
            cookies={"sessionid": session},
            headers=headers | {"Referer": f"{'https' if tls else 'http'}://{address.partition('//')[2]}/"},
            verify=tls or True,
            timeout=PATIENCE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.web.close()

    def token(self, page: str) -> str:
        """The token against forged requests, from the page that holds it."""
        answer = self.web.get(page)
        assert answer.status_code == 200, (answer.status_code, answer.headers)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.text)
        assert found
        return found[1]

    def post(self, path: str, page: str, data: dict[str, str] | None = None, **more: Any) -> httpx2.Response:
        """Send a form of the page."""
        token = self.token(page)
        headers = {
            "Origin": self.address.replace("http://", "https://"),
            # By hand, as the cookies are for TLS only.
            "Cookie": f"sessionid={self.session}; csrftoken={self.web.cookies['csrftoken']}",
        }
        return self.web.post(path, data={"csrfmiddlewaretoken": token} | (data or {}), headers=headers, **more)

    def socket(self, path: str) -> ClientConnection:
        """Open a socket as a page of the portal does."""
        return connect(
            self.address.replace("http", "ws", 1) + path,
            additional_headers={"Cookie": f"sessionid={self.session}"},
            origin=Origin(self.address),
            ssl=self.tls,
            open_timeout=PATIENCE,
            compression=None,
            proxy=None,
        )


def say(socket: ClientConnection, **message: Any) -> None:
    """Send a message of a page."""
    socket.send(json.dumps(message))


def hear(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of that kind."""
    while True:
        message: dict[str, Any] = json.loads(socket.recv(timeout=PATIENCE))
        if message["kind"] == kind:
            return message
