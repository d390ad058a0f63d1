"""The line between one browser and the world, to be cut."""

import os
import signal
from pathlib import Path

NETWORK_SERVICE = "--utility-sub-type=network.mojom.NetworkService"


class Line:
    """All packets of a Chromium pass through one process of it; while that one is stopped, none does."""

    def __init__(self, mark: str) -> None:
        """`mark` is a flag that only this Chromium was started with."""
        commands = {int(path.name): _command(path) for path in Path("/proc").glob("[0-9]*")}
        self.process = next(
            pid
            for pid, command in commands.items()
            if NETWORK_SERVICE in command and any(mark in commands.get(one, ()) for one in _ancestors(pid))
        )

    def cut(self) -> None:
        """From now on, silence: nothing is sent, nothing is heard, nothing is told."""
        os.kill(self.process, signal.SIGSTOP)

    def mend(self) -> None:
        """The line is back."""
        os.kill(self.process, signal.SIGCONT)


def _command(path: Path) -> list[str]:
    try:
        # Chromium's children write their command line as one string.
        return (path / "cmdline").read_text().replace("\0", " ").split()
    except OSError:
        return []


def _ancestors(pid: int) -> list[int]:
    found = []
    while pid > 1:
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
        found.append(pid)
    return found
