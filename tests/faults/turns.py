"""Threads that take turns at every SQL statement, in an order drawn from a seed.

The unluckiest moments of a race come about on purpose and again with the same seed: whoever is about to speak to
the database waits until it is drawn. A thread that waits for a lock of another is left waiting, and others are drawn.
"""

import random
import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections

BLOCKED_AFTER = 0.01
"""Seconds after which a statement that has not come back is taken to wait for a lock."""
TOO_LONG = 30.0

Deed = Callable[[], object]


class _Actor(threading.Thread):
    """Does its deeds one after the other; before each statement it waits for its turn."""

    def __init__(self, name: str, deeds: Sequence[Deed], hand_back: threading.Semaphore) -> None:
        super().__init__(name=name, daemon=True)
        self.deeds = deeds
        self.hand_back = hand_back
        self.turn = threading.Semaphore(0)
        self.waits = True
        self.ended = False
        self.error: BaseException | None = None

    def run(self) -> None:
        """Every deed; the first error that is not a refusal ends the actor."""
        self.turn.acquire()
        try:
            with connections["default"].execute_wrapper(self._stand_back):
                for deed in self.deeds:
                    deed()
        except BaseException as error:  # noqa: BLE001 told by `play`, in the test's own thread
            self.error = error
        finally:
            connections.close_all()
            self.ended = True
            self.hand_back.release()

    def _stand_back(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.waits = True
        self.hand_back.release()
        self.turn.acquire()
        return execute(sql, params, many, context)


def play(parts: Sequence[Sequence[Deed]], chance: random.Random) -> None:
    """Let each part's deeds be done by a thread of its own, interleaved as `chance` draws. Raises their errors."""
    hand_back = threading.Semaphore(0)
    actors = [_Actor(f"actor {number}", deeds, hand_back) for number, deeds in enumerate(parts)]
    for actor in actors:
        actor.start()
    running = 0  # actors that have the turn, or wait for a lock with it
    idle = 0.0
    while not all(actor.ended for actor in actors):
        ready = [actor for actor in actors if actor.waits and not actor.ended]
        if ready:
            drawn = chance.choice(ready)
            drawn.waits = False
            drawn.turn.release()
            running += 1
        if hand_back.acquire(timeout=BLOCKED_AFTER):
            running, idle = running - 1, 0.0
            while hand_back.acquire(blocking=False):
                running -= 1
        elif not ready:
            idle += BLOCKED_AFTER
            assert idle < TOO_LONG, f"{running} actors wait for each other"
    for actor in actors:
        actor.join()
    for actor in actors:
        if actor.error is not None:
            raise actor.error
