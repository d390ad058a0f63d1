"""What moves by itself: topics, the hub that tells sockets, and who sits behind a socket.

Messages carry ids, places and kinds; never a name, never clinical text.
"""

from typing import Any

from django.db import transaction

from sehat.live import topics

__all__ = ["after_commit", "topics"]


def after_commit(topic: str, message: dict[str, Any]) -> None:
    """Tell everybody on `topic` once the running transaction has committed (at once where there is none)."""
    from sehat.live.hub import hub

    transaction.on_commit(lambda: hub.publish_from_thread(topic, message))
