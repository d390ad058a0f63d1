"""Hosts of their own on this machine: network namespaces on a bridge in the namespace of the database."""

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NET = "10.213.77"


def ip(*words: str) -> None:
    """One `ip` command."""
    subprocess.run(["ip", *words], check=True)


@dataclass(frozen=True)
class Host:
    """A network namespace with an address on the common bridge."""

    name: str
    address: str
    port: str
    """Its plug in the bridge, as the bridge's namespace calls it."""
    middle: str

    @property
    def inside(self) -> list[str]:
        """What comes before a command that is to run there."""
        return ["ip", "netns", "exec", self.name]

    def enter(self) -> None:
        """Move the calling thread there: sockets that it opens are that host's."""
        with Path(f"/run/netns/{self.name}").open() as namespace:
            os.setns(namespace.fileno(), os.CLONE_NEWNET)

    def do[T](self, deed: Callable[[], T]) -> T:
        """Do something there, in a thread of its own."""
        found: list[T] = []
        errors: list[BaseException] = []

        def work() -> None:
            self.enter()
            try:
                found.append(deed())
            except BaseException as error:  # noqa: BLE001 raised below, in the caller's thread
                errors.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        if errors:
            raise errors[0]
        return found[0]

    def plug(self, *, into: bool) -> None:
        """Pull its cable out of the bridge, or put it back."""
        ip("-n", self.middle, "link", "set", self.port, "up" if into else "down")


@contextmanager
def hosts(*names: str) -> Iterator[list[Host]]:
    """The named hosts, the first with the bridge; gone at the end."""
    assert os.geteuid() == 0, "this test makes network namespaces and needs root: run it as root or with sudo"
    unique = f"sehat{os.getpid()}"
    made = [
        Host(f"{unique}-{name}", f"{NET}.{n}", f"plug{n}", f"{unique}-{names[0]}") for n, name in enumerate(names, 1)
    ]
    middle = made[0]
    try:
        for host in made:
            ip("netns", "add", host.name)
            ip("-n", host.name, "link", "set", "lo", "up")
        ip("-n", middle.name, "link", "add", "bridge", "type", "bridge")
        ip("-n", middle.name, "address", "add", f"{middle.address}/24", "dev", "bridge")
        ip("-n", middle.name, "link", "set", "bridge", "up")
        for host in made[1:]:
            peer = ("peer", "name", "eth", "netns", host.name)
            ip("-n", middle.name, "link", "add", host.port, "type", "veth", *peer)
            ip("-n", middle.name, "link", "set", host.port, "master", "bridge", "up")
            ip("-n", host.name, "address", "add", f"{host.address}/24", "dev", "eth")
            ip("-n", host.name, "link", "set", "eth", "up")
        yield made
    finally:
        for host in made:
            subprocess.run(["ip", "netns", "delete", host.name], check=False)
