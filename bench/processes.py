"""CPU and memory of processes with everything that they started, from /proc."""

import os
from collections import defaultdict
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def _stat(process: Path) -> list[str]:
    """Fields of /proc/pid/stat from the state on; none where the process has just ended."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def tree(root: int) -> dict[int, list[str]]:
    """The process and all below it, with their /proc/pid/stat."""
    running = (path for path in Path("/proc").iterdir() if path.name.isdigit())
    stats = {int(path.name): stat for path in running if (stat := _stat(path))}
    below: dict[int, list[int]] = defaultdict(list)
    for pid, stat in stats.items():
        below[int(stat[1])].append(pid)
    found, ahead = {}, [root]
    while ahead:
        pid = ahead.pop()
        if pid in stats:
            found[pid] = stats[pid]
        ahead += below[pid]
    return found


def cpu(root: int) -> float:
    """CPU seconds, user and system, of all of them so far; of those that have ended too."""
    return sum(sum(map(int, stat[11:15])) for stat in tree(root).values()) / TICKS


def memory(root: int) -> list[float]:
    """Megabytes in memory of each of them, largest first."""
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in tree(root))
    return sorted((number * PAGE / 1e6 for number in pages), reverse=True)
