"""Lines of their own for a patient and a doctor: narrow, lossy, without UDP, moved to another network.

Portal, relay, patient and doctor are network namespaces on one bridge. In each of them the portal answers at the same
address of 127.0.0.1, as it does where it runs: a browser takes that for a secure context, and demo mode for its own.
"""

import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from tests.faults.hosts import Host, ip
from tests.portal import CHROMIUM, FLAGS


def _inside(host: Host, *command: str) -> None:
    subprocess.run([*host.inside, *command], check=True)


def _rules(host: Host, script: str) -> None:
    subprocess.run([*host.inside, "nft", "-f", "-"], input=script + "\n", text=True, check=True)


@dataclass(frozen=True)
class Line:
    """One person's line, from its plug in the bridge to the person's own host and back."""

    host: Host

    def narrow(self, kbit: int, *, loss: int = 0) -> None:
        """So many kbit/s each way through a token bucket, and so many packets of a hundred lost each way."""
        bucket = ("tbf", "rate", f"{kbit}kbit", "burst", "4000", "latency", "400ms")
        _inside(self.host, "tc", "qdisc", "replace", "dev", "eth", "root", *bucket)
        ip("netns", "exec", self.host.middle, "tc", "qdisc", "replace", "dev", self.host.port, "root", *bucket)
        self._filter(f"numgen random mod 100 < {loss} drop" if loss else "")

    def widen(self) -> None:
        """As wide as it was."""
        _inside(self.host, "tc", "qdisc", "delete", "dev", "eth", "root")
        ip("netns", "exec", self.host.middle, "tc", "qdisc", "delete", "dev", self.host.port, "root")
        self._filter("")

    def without_udp(self) -> None:
        """As in many a hospital's or office's network: TCP only."""
        self._filter("ip protocol udp drop")

    def with_everything(self) -> None:
        """Nothing is blocked or lost any more."""
        self._filter("")

    def _filter(self, rule: str) -> None:
        middle = Host(self.host.middle, "", "", "")
        table = f"table netdev {self.host.port}"
        chains = "\n".join(
            f"chain {hook} {{\ntype filter hook {hook} device {self.host.port} priority 0\n{rule}\n}}"
            for hook in ("ingress", "egress")
        )
        _rules(middle, f"{table}\ndelete {table}\n{table} {{\n{chains}\n}}")

    def move(self, last: int) -> None:
        """Another network: the old address is gone, a new one, ending in `last`, is there."""
        ip("-n", self.host.name, "address", "flush", "dev", "eth")
        ip("-n", self.host.name, "address", "add", f"{self.host.address.rpartition('.')[0]}.{last}/24", "dev", "eth")


def lead_home(portal: Host, others: list[Host], port: int) -> None:
    """Let the portal, which listens at 127.0.0.1 of its own host, answer at 127.0.0.1 of the others."""
    for host in (portal, *others):
        _inside(host, "sysctl", "-q", "-w", "net.ipv4.conf.all.route_localnet=1")
    _rules(
        portal,
        f"""table ip home {{
          chain in {{
            type nat hook prerouting priority -100
            ip daddr {portal.address} tcp dport {port} dnat to 127.0.0.1
          }}
        }}""",
    )
    for host in others:
        _rules(
            host,
            f"""table ip home {{
              chain out {{
                type nat hook output priority -100
                ip daddr 127.0.0.1 tcp dport {port} dnat to {portal.address}
              }}
              chain from {{
                type nat hook postrouting priority 100
                ip saddr 127.0.0.1 ip daddr {portal.address} masquerade
              }}
            }}""",
        )


@contextmanager
def chromium(driver: Playwright, host: Host, folder: Path, *flags: str) -> Iterator[Browser]:
    """A Chromium on that host."""
    program = folder / f"chromium-{host.name}"
    program.write_text(f'#!/bin/sh\nexec ip netns exec {host.name} {CHROMIUM} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    browser = driver.chromium.launch(executable_path=program, args=[*FLAGS, *flags])
    try:
        yield browser
    finally:
        browser.close()
