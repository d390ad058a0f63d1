"""Row 1: the CPU of one whole consultation. And the second start."""

import random
import statistics
import tempfile
import time
from pathlib import Path

from bench import journey, server
from bench import stack as stacks
from bench.result import Result, at_most, told

WARM_UP, ROUNDS = 3, 20
NATIONS_PEAK_CPU_MS = 111.0
"""Two cores for eight hours, divided by the 515,530 consultations of the nation's peak day."""
SECOND_START_SECONDS = 3.0
IDLE_SECONDS = 10.0


def embedded() -> list[Result]:
    """On SQLite in the embedded process: CPU of the whole portal, the idle loops included."""
    pdf = journey.record()
    with tempfile.TemporaryDirectory() as folder, server.running(Path(folder)) as portal:
        idle = portal.memory()
        doctor = journey.doctor_on_duty(portal.address)
        mobiles = iter(random.sample(range(9_811_000_000, 9_811_999_999), WARM_UP + ROUNDS))
        for _ in range(WARM_UP):
            journey.consultation(portal.address, doctor, str(next(mobiles)), pdf)
        spent = []
        for mobile in mobiles:
            before = portal.cpu()
            journey.consultation(portal.address, doctor, str(mobile), pdf)
            spent.append((portal.cpu() - before) * 1000)
        mean = statistics.fmean(spent)
        return [
            at_most("1 one whole consultation (SQLite, one process)", mean, "CPU-ms", NATIONS_PEAK_CPU_MS),
            told("1 memory of the embedded process, idle", idle, "MB"),
            told("1 memory of the embedded process, after load", portal.memory(), "MB"),
        ]


def production() -> list[Result]:
    """On PostgreSQL and Redis, one web process and a worker: CPU of all of them."""
    with stacks.database() as server, stacks.running(stacks.prepare(server, "consultation")) as stack:
        spent, idle = counted(stack)
    parts = ", ".join(f"{name} {1000 * seconds:.0f}" for name, seconds in spent.items())
    whole = 1000 * sum(spent.values())
    return [
        at_most("1 one whole consultation (PostgreSQL, Redis, worker)", whole, "CPU-ms", NATIONS_PEAK_CPU_MS),
        told(f"1 of which {parts}; beside it idling, each second", 1000 * idle, "CPU-ms"),
    ]


def counted(stack: stacks.Stack) -> tuple[dict[str, float], float]:
    """CPU seconds of one consultation by server, and of a second in which nobody comes, which is left out of them."""
    pdf, doctor = journey.record(), journey.doctor_on_duty(stack.address)
    mobiles = [str(mobile) for mobile in random.sample(range(9_811_000_000, 9_811_999_999), WARM_UP + ROUNDS)]
    for mobile in mobiles[:WARM_UP]:
        journey.consultation(stack.address, doctor, mobile, pdf)
    before = stack.cpu()
    time.sleep(IDLE_SECONDS)
    idle = {name: (spent - before[name]) / IDLE_SECONDS for name, spent in stack.cpu().items()}
    before, began = stack.cpu(), time.perf_counter()
    for mobile in mobiles[WARM_UP:]:
        journey.consultation(stack.address, doctor, mobile, pdf)
    taken, after = time.perf_counter() - began, stack.cpu()
    spent = {name: (after[name] - before[name] - idle[name] * taken) / ROUNDS for name in before}
    return spent, sum(idle.values())


def second_start() -> list[Result]:
    """From the command to the first page, when everything is prepared (interface.md: under 3 s)."""
    with tempfile.TemporaryDirectory() as folder:
        with server.running(Path(folder)):
            pass
        began = time.perf_counter()
        with server.running(Path(folder)) as portal:
            journey.Browser(portal.address).get("/")
            taken = time.perf_counter() - began
    return [at_most("1 second start to the first page", taken, "s", SECOND_START_SECONDS)]
