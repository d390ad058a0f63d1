"""CPU time that means the same on every machine: counted in a fixed piece of work, done in turn with what is measured.

A slower machine, or a busy one whose cores share their caches, slows both.
"""

import hashlib
import time
import zlib
from collections.abc import Callable

YARDSTICK_MS = 14
"""What the yardstick takes on the machine of bench/README.md."""


def _yardstick() -> str:
    text = " ".join(sorted(str(number * 7919) for number in range(20_000)))
    return hashlib.sha256(zlib.compress(text.encode())).hexdigest()


def _spent(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def cpu_ms(work: Callable[[], object], *, times: int) -> float:
    """Milliseconds of CPU that the work takes on that machine: the least of so many tries, by the yardstick's least."""
    pairs = [(_spent(work), _spent(_yardstick)) for _ in range(times)]
    return min(mine for mine, _ in pairs) / min(yardstick for _, yardstick in pairs) * YARDSTICK_MS
