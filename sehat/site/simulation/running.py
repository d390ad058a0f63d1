"""Begins and ends the simulation in this process: one thread, asleep until a deadline or a live message."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Protocol

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections, transaction

from sehat.kernel.clock import now as clock
from sehat.kernel.errors import Refusal
from sehat.live.hub import Message, hub
from sehat.site.errors import NoSimulation
from sehat.site.simulation import acts, people, rules, scene
from sehat.site.simulation.rules import ODDS, PACE, Act, Size, Span, Whim
from sehat.site.simulation.scene import Scene

log = logging.getLogger(__name__)

TOGETHER = 0.1
"""Seconds in which messages are gathered before the next look."""
LONGEST_SLEEP = 20
"""Seconds after which the robots look even if nothing was heard: who rests comes up without a message."""
AFTER_FAILURE = 5
"""Seconds until the next try after an error."""
PATIENCE = 5
"""Seconds that a stop waits for the robots to go home."""
TOPICS = ("token:*", "doctor:*", "consultation:*")
MINDED = {"state", "ringing", "changed", "chat"}
"""The live messages that may give a robot something to do."""


class Deed(Protocol):
    """An act that only lacks its moment."""

    def __call__(self, *, now: datetime) -> None: ...


@dataclass(frozen=True)
class Todo:
    """What a robot is about to do, `span` after its reason is first seen; `key` knows it again."""

    key: Hashable
    span: Span
    do: Deed


class Simulation:
    """What the robots of one run keep in mind; everything else stands in the database."""

    def __init__(self, size: Size, *, seed: int | None = None) -> None:
        self.size = size
        self.rng = Random(seed)  # noqa: S311 whims of robots, no secrets
        self.due: dict[Hashable, datetime] = {}
        self.whims: dict[tuple[Whim, int], bool] = {}
        self.came = 0

    def step(self, now: datetime) -> datetime | None:
        """Look once and do all that is due; returns when the next thing is due. None: when something is heard."""
        todos = list(self._todos(scene.look(now=now)))
        self.due = {todo.key: self.due.get(todo.key) or self._draw(todo, now) for todo in todos}
        for todo in todos:
            if self.due[todo.key] <= now:
                del self.due[todo.key]
                try:
                    todo.do(now=now)
                except Refusal as refusal:
                    # People act at the same time, and were first: seen anew at the next look.
                    log.info("a robot was refused: %r", refusal)
        return min(self.due.values(), default=None)

    def _draw(self, todo: Todo, now: datetime) -> datetime:
        return now + timedelta(seconds=todo.span.draw(self.rng))

    def _todos(self, there: Scene) -> Iterator[Todo]:
        known, self.whims = self.whims, {}

        def whim(which: Whim, pk: int) -> bool:
            key = (which, pk)
            self.whims[key] = known[key] if key in known else self._chance(which)
            return self.whims[key]

        if span := rules.coming(there=len(there.tokens), size=self.size):
            yield Todo((Act.COME, self.came), span, partial(self._come, there))
        for token in there.patients():
            if act := rules.patient_next(there.patient_sees(token, whim)):
                yield Todo((act, token.pk, *there.matter(token)), PACE[act], partial(acts.PATIENTS[act], there, token))
        for doctor in there.doctors[: self.size.doctors]:
            for act in rules.doctor_next(there.doctor_sees(doctor, whim)):
                key = (act, doctor.pk, there.matter_at(doctor))
                yield Todo(key, PACE[act], partial(acts.DOCTORS[act], there, doctor))

    def _chance(self, which: Whim) -> bool:
        return self.rng.random() < ODDS[which]

    def _come(self, there: Scene, *, now: datetime) -> None:
        """One of those who are not there; of twice as many as may be, so that faces change."""
        self.came += 1
        inside = {token.patient.mobile for token in there.tokens}
        outside = [number for number in range(2 * self.size.patients) if people.mobile(number) not in inside]
        patient = people.patient(self.rng.choice(outside), now=now)
        acts.come(patient, is_emergency=self._chance(Whim.EMERGENCY), now=now)


class Running(threading.Thread):
    """The simulation at work: sleeps until the next deadline, or until something was heard; goes home at the end."""

    def __init__(self, simulation: Simulation) -> None:
        super().__init__(name="simulation", daemon=True)
        self.simulation = simulation
        self.heard = threading.Event()
        self.ending = threading.Event()

    def run(self) -> None:
        """Until `end`. What a simulation that died has left is cleaned first."""
        with acts.kept_from_visitors():
            self._begin()
            while not self.ending.is_set():
                self.heard.clear()
                self.heard.wait(self._pause())
                self.ending.wait(TOGETHER)
            self._leave()
        connections.close_all()

    def end(self) -> None:
        """Everybody goes home, after the step in hand; waits for it."""
        self.ending.set()
        self.heard.set()
        self.join(PATIENCE)

    def _begin(self) -> None:
        self._leave()
        try:
            with transaction.atomic():
                people.doctors(self.simulation.size.doctors)
        except DatabaseError:
            log.exception("sample doctors could not be made")

    @staticmethod
    def _leave() -> None:
        try:
            acts.leave(now=clock())
        except (Refusal, DatabaseError):
            log.exception("sample patients or doctors are left; the next start cleans them away")

    def _pause(self) -> float:
        """Do what is due; how long to sleep."""
        try:
            due = self.simulation.step(clock())
        except Exception:
            log.exception("the simulation failed and goes on in %s s", AFTER_FAILURE)
            return AFTER_FAILURE
        finally:
            close_old_connections()
        return LONGEST_SLEEP if due is None else min(max(0, (due - clock()).total_seconds()), LONGEST_SLEEP)


def clean() -> None:
    """End what a process that died has left of its robots, before anybody is served."""
    with acts.kept_from_visitors():
        acts.leave(now=clock())


_current: Running | None = None
_turning = threading.Lock()
_asked_for: Simulation | None = None


def is_running() -> bool:
    """Whether robots are at work in this process."""
    return _current is not None and _current.is_alive() and not _current.ending.is_set()


def start(simulation: Simulation) -> None:
    """Let robots in; where some are at work already they go on. Refuses anything but the demo of one process."""
    global _current
    if not (settings.SEHAT_DEMO and settings.EMBEDDED_WORKER):
        raise NoSimulation
    with _turning:
        if not is_running():
            if _current is not None:
                _current.join(PATIENCE)  # who is on the way home is let out first
            _current = Running(simulation)
            _current.start()


def stop() -> None:
    """All robots go home; returns when they have."""
    with _turning:
        if _current is not None:
            _current.end()


def begin_with(simulation: Simulation) -> None:
    """Start as soon as this process serves (`sehat simulate`)."""
    global _asked_for
    _asked_for = simulation


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Let robots hear the live messages as long as the process serves; none is left behind when it ends."""
    stop_hearing = hub.listen(TOPICS, _hear)
    if _asked_for is not None:
        start(_asked_for)
    try:
        yield
    finally:
        stop_hearing()
        await asyncio.to_thread(stop)


def _hear(topic: str, message: Message) -> None:
    if _current is not None and message["kind"] in MINDED:
        _current.heard.set()
