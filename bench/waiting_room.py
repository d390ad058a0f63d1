"""Row 3: 10,000 patients waiting on one process; everybody's place moves; against a bare Starlette loop."""

import asyncio
import resource
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import uvloop

from bench import processes
from bench import stack as stacks
from bench.crowd import Ear, gather, scatter, upgrade
from bench.load import CSRF
from bench.result import Result, at_most, told
from bench.stack import ROOT, Stack
from tests.servers import free_port, wait_for

WAITING = 10_000
NEAR = 20
MOVES = 4  # within a window
WARM_UP = 300  # sockets opened and closed again before memory is first looked at
WINDOWS = 2
CALLED = MOVES * WINDOWS + 1
WINDOW = 20.0
"""Seconds in which CPU is counted: as long as from one ping to the next, so that every window holds as many."""
PATIENCE = 90.0
PATH = "/live/waiting/"


@dataclass(frozen=True)
class Move:
    """Seconds from a move of the line until those whom it moves know."""

    near: float
    """Until the last of the first twenty."""
    everybody: float


@dataclass(frozen=True)
class Crowd:
    """What ten thousand sockets cost."""

    kilobytes: float
    moves: list[Move]
    cpu_ms: float
    """Of one move, all servers together; what they take while nothing moves is left out."""

    def median(self, of: Callable[[Move], float]) -> float:
        """The middle one of the moves."""
        return statistics.median(map(of, self.moves))


def _raise_limit() -> None:
    """Sockets of client and server are files; children inherit the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < WAITING + 500:
        raise RuntimeError(f"{WAITING} sockets need that many open files; this machine allows {hard} (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (WAITING + 500, hard))


async def _crowd(
    address: str,
    requests: Sequence[bytes],
    move: Callable[[], None],
    cpu: Callable[[], float],
    memory: Callable[[], float],
) -> Crowd:
    await scatter(await gather(address, requests[:WARM_UP]))
    await asyncio.sleep(1)
    before = memory()
    ears = await gather(address, requests)
    await asyncio.sleep(2)
    kilobytes = 1000 * (memory() - before) / len(ears)
    await _moved(ears, move)  # the first tells everybody a first place
    moves: list[Move] = []
    spent = 0.0
    for _ in range(WINDOWS):
        quiet, seconds, _ = await _window(ears, cpu)
        busy, longer, made = await _window(ears, cpu, move, MOVES)
        spent, moves = spent + busy - quiet / seconds * longer, moves + made
    await scatter(ears)
    return Crowd(kilobytes, moves, 1000 * spent / len(moves))


async def _window(
    ears: list[Ear], cpu: Callable[[], float], move: Callable[[], None] = lambda: None, number: int = 0
) -> tuple[float, float, list[Move]]:
    """CPU seconds of a window in which the line moves so often, its length, and the moves."""
    before, began = cpu(), time.perf_counter()
    moves = [await _moved(ears, move) for _ in range(number)]
    await asyncio.sleep(max(0.0, WINDOW - (time.perf_counter() - began)))
    return cpu() - before, time.perf_counter() - began, moves


async def _moved(ears: list[Ear], move: Callable[[], None]) -> Move:
    began = time.perf_counter()
    await asyncio.to_thread(move)
    heard: list[Ear] = []
    # Those who were called do not stand in the line any more.
    while len(heard) < len(ears) - CALLED:
        await asyncio.sleep(0.2)
        heard = [ear for ear in ears if ear.told_at > began]
        gone = Counter(ear.code for ear in ears if ear.gone)
        if gone or time.perf_counter() > began + PATIENCE:
            raise RuntimeError(f"{len(heard)} of {len(ears)} were told in {PATIENCE} s; closed (code: sockets): {gone}")
    near = max(ear.told_at for ear in heard if ear.place <= NEAR) - began
    return Move(near=near, everybody=max(ear.told_at for ear in heard) - began)


def ours(stack: Stack) -> Crowd:
    """The portal: a doctor who becomes available calls the head of the line, and everybody moves up."""
    doctors = iter(stack.people("doctors", CALLED))
    patients = stack.people("waiting", WAITING)

    def move() -> None:
        _post(stack, "/desk/available/", next(doctors)["session"])

    with stacks.running(stack) as running:
        requests = [upgrade(running.address, PATH, one["session"]) for one in patients]
        return uvloop.run(
            _crowd(
                running.address,
                requests,
                move,
                cpu=lambda: sum(running.cpu().values()),
                memory=lambda: processes.memory(running.pids["web"])[0],
            )
        )


def _post(stack: Stack, path: str, session: str) -> None:
    headers = {"Cookie": f"csrftoken={CSRF}; sessionid={session}", "X-CSRFToken": CSRF, "HX-Request": "true"}
    wanted = urllib.request.Request(stack.address + path, data=b"", headers=headers)
    urllib.request.urlopen(wanted, timeout=30).close()


@contextmanager
def _bare() -> Iterator[tuple[str, int]]:
    port = free_port()
    process: subprocess.Popen[bytes] = subprocess.Popen([sys.executable, "-m", "bench.bare", str(port)], cwd=ROOT)
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(20)


def bare() -> Crowd:
    """The same sockets on a bare loop."""
    with _bare() as (address, pid):
        requests = [upgrade(address, PATH)] * WAITING
        return uvloop.run(
            _crowd(
                address,
                requests,
                move=lambda: urllib.request.urlopen(address, timeout=30).close(),
                cpu=lambda: processes.cpu(pid),
                memory=lambda: processes.memory(pid)[0],
            )
        )


def measure() -> list[Result]:
    """Ours and the bare loop, one after the other."""
    _raise_limit()
    with stacks.database() as server:
        portal = ours(stacks.prepare(server, "waiting"))
    loop = bare()
    return [
        told("3 bare loop: memory of a socket", loop.kilobytes, "KB"),
        told("3 bare loop: CPU of telling 10,000 sockets", loop.cpu_ms, "CPU-ms"),
        at_most("3 memory of a waiting patient", portal.kilobytes, "KB", 40.0),
        at_most("3 a call moves the first 20 places", portal.median(lambda move: move.near), "s", 1.0),
        at_most("3 a call moves 10,000 places", portal.median(lambda move: move.everybody), "s", 5.0),
        at_most("3 CPU of one move", portal.cpu_ms, "CPU-ms", 3 * loop.cpu_ms),
    ]
