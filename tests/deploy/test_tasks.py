"""The worker of `django.tasks`, which sleeps for minutes, is woken by work that is given."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.tasks import task
from django.tasks.signals import task_enqueued

from sehat.config.background import TaskLoop

pytestmark = pytest.mark.django_db(transaction=True)

done = threading.Event()


@task
def say_when_done() -> None:
    """Work that somebody gave."""
    done.set()


@pytest.fixture
def loop() -> Iterator[TaskLoop]:
    """The loop as the embedded process runs it."""
    done.clear()
    loop = TaskLoop()
    task_enqueued.connect(loop.wake_after_commit)
    loop.start()
    yield loop
    assert loop.pause >= 300
    task_enqueued.disconnect(loop.wake_after_commit)
    loop.end()
    loop.join(10)
    assert not loop.is_alive()


def test_it_is_woken_by_what_is_given_and_not_before_it_is_there(loop: TaskLoop) -> None:
    with transaction.atomic():
        say_when_done.enqueue()
        assert not done.is_set()
        if connection.vendor == "postgresql":  # on SQLite this transaction keeps everybody else out anyhow
            assert not done.wait(0.5)
    assert done.wait(20)
