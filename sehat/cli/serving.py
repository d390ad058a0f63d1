"""The commands that go on until they are stopped: `run`, `serve`, `worker`."""

import argparse
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

from sehat.cli.loading import load_django

LOCAL = "127.0.0.1"
SERVE_PATIENCE = 20
"""Seconds that requests in flight get when `sehat serve` is stopped."""


def run(arguments: argparse.Namespace, ready: Callable[[], None] | None = None) -> int:
    """`sehat run`: everything in one process, in demo mode; `ready` is called before it serves."""
    os.environ |= {
        "SEHAT_DEMO": "1",
        "SEHAT_EMBEDDED_WORKER": "1",
        "DATA": str(arguments.data),
        "PORT": str(arguments.port),
    }
    if not _is_free(arguments.port):
        print(
            f"Port {arguments.port} is in use: choose another, for example PORT={arguments.port + 1}.",
            file=sys.stderr,
        )
        return 1
    if not (arguments.data / "build").exists():
        # The first time takes 150 MB of memory, which a process of its own gives back.
        first = multiprocessing.get_context("spawn").Process(target=_prepare_demo)
        first.start()
        first.join()
        if first.exitcode:
            return first.exitcode
    _prepare_demo()
    address = f"http://{LOCAL}:{arguments.port}"
    print(
        f"SeHAT OPD, demo mode: {address}/  Staff and sample people: {address}/demo/  Ctrl-C stops it.",
        flush=True,
    )
    if ready:
        ready()
    _serve_http(LOCAL, arguments.port, workers=1, patience=3)
    return 0


def _prepare_demo() -> None:
    load_django()
    from sehat.config import prepare
    from sehat.site import seed
    from sehat.site.simulation import running

    prepare.everything()
    seed.demo()
    running.clean()


def simulate(arguments: argparse.Namespace) -> int:
    """`sehat simulate`: the same, with sample patients and doctors at work from the start."""

    def ready() -> None:
        from sehat.site.simulation import running
        from sehat.site.simulation.rules import Size

        size = Size(patients=arguments.patients, doctors=arguments.doctors)
        running.begin_with(running.Simulation(size, seed=arguments.seed))

    return run(arguments, ready)


def serve(arguments: argparse.Namespace) -> int:
    """`sehat serve`: pages and sockets in production."""
    load_django()
    from sehat.config import checks

    if not _is_free(arguments.port, arguments.host):
        print(f"Port {arguments.port} is in use: choose another with --port.", file=sys.stderr)
        return 1
    checks.serving(processes=arguments.workers)
    _let_go_of_the_database()
    _serve_http(arguments.host, arguments.port, workers=arguments.workers, patience=SERVE_PATIENCE)
    return 0


def worker(arguments: argparse.Namespace) -> int:
    """`sehat worker`: notices, deadlines, later work, until it is stopped."""
    load_django()
    from sehat.config import background, checks

    checks.serving()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    background.start()
    ended.wait()
    background.stop()
    _let_go_of_the_database()
    return 0


def _let_go_of_the_database() -> None:
    # Its connections belong to no other process, and threads of a pool would hold the exit up.
    from django.db import connection

    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]


def _is_free(port: int, host: str = LOCAL) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As uvicorn binds: a port whose last connections still linger counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _serve_http(host: str, port: int, *, workers: int, patience: int) -> None:
    """Serve until SIGTERM or SIGINT: sockets are told to come back (1012), requests get `patience` seconds."""
    import uvicorn
    from django.conf import settings

    # Before it serves a SIGTERM ends it at once. While it serves uvicorn ends in order and then raises the signal
    # again, for this handler: ended in order is exit code 0.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        "sehat.config.asgi:application",
        host=host,
        port=port,
        workers=workers,
        http="httptools",
        loop="uvloop",
        ws="sehat.live.protocol:Protocol",
        # Deflate keeps 60 KB of window for each socket and saves little on messages of ids and positions.
        ws_per_message_deflate=False,
        ws_max_size=64 * 1024,
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
        timeout_graceful_shutdown=patience,
    )
