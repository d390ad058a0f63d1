"""How a stored record reaches a browser: shown, never run."""

from django.http import FileResponse

from sehat.tokens.models import HealthRecord
from sehat.tokens.records import CONTENT_TYPES

# A picture does nothing at all; Chromium's own PDF viewer does not start in a sandbox, and the PDF was
# freed of whatever acts when it came in.
_BARE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
_POLICIES = {"pdf": f"{_BARE}; object-src 'self'", "jpg": f"sandbox; {_BARE}", "png": f"sandbox; {_BARE}"}


def show(record: HealthRecord) -> FileResponse:
    """The record to look at in the browser. Whether the asker may, is the caller's to have decided."""
    response = FileResponse(record.file.open("rb"), content_type=CONTENT_TYPES[record.kind], filename=record.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = _POLICIES[record.kind]
    return response
