"""Row 1: the CPU of one whole consultation. And the second start."""

import random
import statistics
import tempfile
import time
from pathlib import Path

from bench import journey, server
from bench.result import Result, at_most, told

WARM_UP, ROUNDS = 3, 20
NATIONS_PEAK_CPU_MS = 111.0
"""Two cores for eight hours, divided by the 515,530 consultations of the nation's peak day."""
SECOND_START_SECONDS = 3.0


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
