"""What goes on beside the pages, in threads: the outbox, the deadlines, later work.

Every loop may run in any number of processes at once: compare-and-set in the database settles who does what.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, close_old_connections, connections, transaction
from django.tasks.signals import task_enqueued
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from sehat.accounts import throttle
from sehat.api import services as apps
from sehat.audit import services as audit
from sehat.consultation import inviting
from sehat.consultation import services as consultations
from sehat.desk import services as desk
from sehat.kernel import clock, files
from sehat.kernel.clock import now
from sehat.letters.models import Letter
from sehat.live.pulse import EVERY_SECONDS as BEAT_SECONDS
from sehat.live.pulse import Heart
from sehat.notices import events
from sehat.notices import services as notices
from sehat.office import days
from sehat.prescription.models import Prescription
from sehat.registration import services as registration
from sehat.tokens import services as tokens
from sehat.tokens.models import HealthRecord
from sehat.waiting import services as waiting

log = logging.getLogger(__name__)

PATIENCE = 5
"""Seconds that a stop waits for each loop to end what it is doing."""


def sweep_files(*, now: datetime) -> None:
    """Take away files that a process left behind by dying between file and row."""
    files.sweep(HealthRecord.objects.all(), "records", now=now)
    files.sweep(Prescription.objects.all(), Prescription.FOLDER, now=now)
    files.sweep(Letter.objects.all(), Letter.FOLDER, now=now)


def forget_spent(*, now: datetime) -> None:
    """Delete what counts for nothing any more: old OTPs, old wrong tries, old keys of apps, ended sessions."""
    registration.forget_old_otps(now=now)
    throttle.forget_old(now=now)
    apps.forget_old(now=now)
    Session.objects.filter(expire_date__lt=now).delete()


class Loop(threading.Thread):
    """Calls `work` again and again, `pause` seconds apart or at once when woken; an error does not end it.

    The first time at once, or `later`: after a pause, as a start has people waiting for it.
    """

    def __init__(self, name: str, work: Callable[[], object], pause: float, *, later: bool = False) -> None:
        super().__init__(name=name, daemon=True)
        self.work = work
        self.pause = pause
        self.later = later
        self.woken = threading.Event()
        self.stopping = False

    def run(self) -> None:
        """Until `end`."""
        if self.later:
            self.woken.wait(self.pause)
        while not self.stopping:
            self.woken.clear()
            try:
                self.work()
            except Exception:
                log.exception("%s failed and goes on in %s s", self.name, self.pause)
            finally:
                close_old_connections()
            self.woken.wait(self.pause)
        connections.close_all()

    def wake(self, **_: Any) -> None:
        """Do not wait out the pause."""
        self.woken.set()

    def end(self) -> None:
        """Stop after the work in hand."""
        self.stopping = True
        self.wake()


class TaskLoop(Loop):
    """The worker of `django.tasks`: for work that somebody starts and nobody waits for. What has to be looked after is
    a loop of its own.

    No room gives such work today, and each look locks all of a SQLite database for a moment: so it looks when this
    process gives some, and else every five minutes for what other processes gave.
    """

    def __init__(self) -> None:
        self.worker = Worker(
            queue_names=["*"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        super().__init__("tasks", self.worker.run, pause=300)

    def wake_after_commit(self, **_: Any) -> None:
        """Work was given: it is there once the transaction that gave it is."""
        transaction.on_commit(self.wake)

    def end(self) -> None:
        """Stop after the task in hand."""
        self.worker.running = False
        super().end()


class Heartbeat(Loop):
    """Says that this worker lives, for as long as the others may say so too."""

    def __init__(self, heart: Heart) -> None:
        self.heart = heart
        super().__init__("pulse", heart.beat, pause=BEAT_SECONDS)

    def run(self) -> None:
        """Until `end`; then the row goes."""
        super().run()
        try:
            self.heart.stop()
        except DatabaseError:
            log.warning("the pulse of this worker stays until it is forgotten")
        finally:
            connections.close_all()


_running: list[Loop] = []


def start() -> None:
    """Start every loop. Needs a prepared database."""
    clock.follow_database()
    # Whoever writes wakes the loop of its own process only: a worker beside it must look, as people wait for OTPs.
    outbox = Loop("outbox", lambda: notices.deliver_due(now=now()), pause=5 if settings.EMBEDDED_WORKER else 1)
    events.written.connect(outbox.wake, dispatch_uid="wake the outbox")
    tasks = TaskLoop()
    task_enqueued.connect(tasks.wake_after_commit, dispatch_uid="wake the tasks")
    _running.extend(
        [
            Heartbeat(Heart(is_worker=True)),
            Loop("clock", clock.follow_database, pause=10),
            outbox,
            Loop("calls", lambda: desk.sweep(now=now()), pause=1),
            Loop("expiry", lambda: tokens.expire_due(now=now()), pause=10),
            Loop("invitations", lambda: inviting.sweep(now=now()), pause=5),
            Loop("left consultations", lambda: consultations.sweep(now=now()), pause=30),
            Loop("closing", lambda: waiting.tell_closing(now=now()), pause=60),
            Loop("left files", lambda: sweep_files(now=now()), pause=1800),
            Loop("spent", lambda: forget_spent(now=now()), pause=3600),
            Loop("audit seals", lambda: audit.seal(now=now()), pause=60),
            Loop("report days", lambda: days.close_due(now=now()), pause=600, later=True),
            tasks,
        ]
    )
    for loop in _running:
        loop.start()


def stop() -> None:
    """End every loop, each after what it has in hand."""
    events.written.disconnect(dispatch_uid="wake the outbox")
    task_enqueued.disconnect(dispatch_uid="wake the tasks")
    for loop in _running:
        loop.end()
    for loop in _running:
        loop.join(PATIENCE)
    _running.clear()
