"""An authenticator app as RFC 6238 describes it, written down once more: the portal is not tested against itself."""

import hashlib
import hmac
import time
from dataclasses import dataclass

STEP = 30


@dataclass(frozen=True)
class App:
    """A telephone that has the key, and the paper beside it."""

    key: bytes
    paper: tuple[str, ...] = ()

    def code(self, *, later: int = 0, at: float | None = None) -> str:
        """What it shows now, or so many steps later (RFC 4226, 5.3)."""
        step = int((time.time() if at is None else at) // STEP) + later
        digest = hmac.new(self.key, step.to_bytes(8), hashlib.sha1).digest()
        start = digest[-1] & 15
        return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 10**6:06}"

    def wrong(self) -> str:
        """Six digits that it shows neither now nor a little before or after."""
        near = {self.code(later=later) for later in range(-4, 5)}
        return next(f"{number:06}" for number in range(100) if f"{number:06}" not in near)
