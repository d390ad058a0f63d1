"""What the event loop asks the database: in a thread, as the ORM is sync, and on a connection that is good."""

import asyncio
from collections.abc import Callable

from django.db import close_old_connections


async def ask[**Asked, Answer](work: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
    """Have `work` done in a thread. A connection that broke or is too old is let go before it, and after."""

    def done() -> Answer:
        close_old_connections()
        try:
            return work(*args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.to_thread(done)
