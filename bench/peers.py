"""The peers' table: the kinds of work that CARE and FQM were measured at, by us, with their figures beside ours.

Source of theirs: performance.md, "Peers" (CARE 69c2b831: Django and DRF, gunicorn with two workers, PostgreSQL; FQM
0614fb5: Flask, gunicorn with two workers, SQLite), measured on a 2-core machine of the same kind on 2026-11-23.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from bench import processes, rush, tokens
from bench import stack as stacks
from bench.load import Outcome, drive, request
from bench.result import Result, at_least, at_most, told
from bench.stack import Stack

PEOPLE = 6_000
DOCTORS = 4_000


@dataclass(frozen=True)
class Work:
    """One kind of work, what we must reach, and what the peers do."""

    name: str
    requests: Callable[[Stack], list[bytes]]
    expects: str
    rate: float
    cpu_ms: float | None
    peers: str


def _send_otp(stack: Stack) -> list[bytes]:
    mobiles = random.sample(range(6_100_000_000, 6_999_999_999), PEOPLE)
    return [request("POST", "/register/", form={"mobile": str(mobile)}) for mobile in mobiles]


def _verify_otp(stack: Stack) -> list[bytes]:
    people = stack.people("otps", PEOPLE)
    return [request("POST", "/register/otp/", cookie=one["cookie"], form={"code": one["code"]}) for one in people]


def _register(stack: Stack) -> list[bytes]:
    who = {"name": "Mohan Lal Sharma", "gender": "male", "age": "64", "category": "ex"}
    return [
        request(
            "POST",
            "/register/details/",
            session=one["session"],
            form=tokens.VISIT | who | {"service_number": f"N{one['mobile']}"},
        )
        for one in stack.people("proved", PEOPLE // 2)
    ]


def _take_token(stack: Stack) -> list[bytes]:
    return tokens.taken_by(stack.people("patients", PEOPLE))


def _call_next(stack: Stack) -> list[bytes]:
    """Each doctor becomes available and is given the head of the line."""
    stack.people("waiting", DOCTORS)
    return [request("POST", "/desk/available/", session=one["session"]) for one in stack.people("doctors", DOCTORS)]


WORKS = (
    Work("send OTP", _send_otp, "/register/otp/", 1000, 1.5, "CARE 314-339/s, 5.4 CPU-ms"),
    Work("verify OTP", _verify_otp, "/register/details/", 1000, 1.5, "CARE 314-339/s, 5.0 CPU-ms"),
    Work("register a patient, token included", _register, "/register/done/", 400, 4.0, "CARE 44/s, 44 CPU-ms"),
    Work(
        "take a token",
        _take_token,
        "/register/done/",
        1500,
        1.0,
        "CARE 25/s, 72-79 CPU-ms; FQM 20/s, 87-102 (mended 120/s, 13)",
    ),
    Work("call next", _call_next, "/desk/", 1000, None, "FQM 102/s, 15 CPU-ms"),
)


def _rows(work: Work, kept: Outcome, fresh: Outcome) -> list[Result]:
    cpu = f"P {work.name}: CPU ({kept.parts()})"
    return [
        at_least(f"P {work.name}", kept.rate, "/s", work.rate).beside(work.peers),
        at_most(cpu, kept.cpu_ms, "CPU-ms", work.cpu_ms) if work.cpu_ms else told(cpu, kept.cpu_ms, "CPU-ms"),
        told(f"P {work.name}, a connection for each request", fresh.rate, "/s"),
        told(f"P {work.name}, a connection for each request: CPU", fresh.cpu_ms, "CPU-ms"),
    ]


def measure() -> list[Result]:
    """Two web processes and a worker on PostgreSQL and Redis, as the peers had two workers."""
    results: list[Result] = []
    with stacks.database() as server:
        stack = stacks.prepare(server, "rush")
        with stacks.running(stack, web=2) as running:
            results += rush.results(running)
        stack = stacks.prepare(server, "peers")
        with stacks.running(stack, web=2) as running:
            idle = _largest(running)
            for work in WORKS:
                kept, fresh = (
                    drive(running, work.requests(running), expects=work.expects, keep_alive=kept)
                    for kept in (True, False)
                )
                results += _rows(work, kept, fresh)
            results += [
                at_most("P memory of a web process, idle", idle, "MB", 90).beside("CARE 105-120 MB; FQM 90 MB"),
                at_most("P memory of a web process, after load", _largest(running), "MB", 120).beside(
                    "CARE 136 MB; FQM 96 MB"
                ),
                told("P memory of the worker, after load", processes.memory(running.pids["worker"])[0], "MB"),
            ]
    return results


def _largest(running: Stack) -> float:
    return processes.memory(running.pids["web"])[0]
