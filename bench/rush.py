"""500 tokens taken by 16 clients while 8 doctors call: which number is given twice, who is called twice."""

import asyncio
from itertools import batched
from typing import Any, LiteralString

import httpx2
import psycopg

from bench.load import CSRF
from bench.result import Result
from bench.stack import Stack
from bench.tokens import VISIT

TOKENS, CLIENTS, DOCTORS = 500, 16, 8
PATIENCE = 240.0
PEERS = "FQM 1-36 numbers given twice, 19-41 called twice"

CALLED = """
SELECT token.patient_id FROM waiting_call AS call JOIN tokens_token AS token ON token.id = call.token_id
WHERE call.doctor_id = %s AND call.state = 'summoned' AND token.state = 'called'
"""
TWICE_NUMBERED = "SELECT count(*) - count(DISTINCT (opd_id, day, number)) FROM tokens_token"
TWICE_CALLED = """
SELECT (SELECT count(*) - count(DISTINCT token_id) FROM waiting_call)
     + (SELECT count(*) FROM waiting_call AS one JOIN waiting_call AS other USING (doctor_id)
        WHERE one.id < other.id AND (one.ended_at IS NULL OR other.created_at < one.ended_at))
"""
"""Nobody goes back into the line here, so that a second call of a token, or two calls of a doctor at once, is wrong. A
call is there from when its row is written: `made_at` is when its request came, which may have waited for the other."""


class _Browser:
    """Somebody's session."""

    def __init__(self, http: httpx2.AsyncClient, session: str) -> None:
        self.http = http
        self.headers = {"Cookie": f"csrftoken={CSRF}; sessionid={session}", "X-CSRFToken": CSRF}

    async def post(self, path: str, form: dict[str, str] | None = None) -> None:
        answer = await self.http.post(path, data=form or {}, headers=self.headers)
        if answer.status_code >= 400:
            raise RuntimeError(f"{path}: {answer.status_code}")


async def _client(http: httpx2.AsyncClient, people: tuple[dict[str, Any], ...]) -> None:
    """One after the other takes a token and goes into the line."""
    for one in people:
        browser = _Browser(http, one["session"])
        await browser.post("/register/details/", VISIT)
        await browser.post("/waiting/join/")


async def _doctor(
    http: httpx2.AsyncClient,
    database: psycopg.AsyncConnection[Any],
    doctor: dict[str, Any],
    sessions: dict[int, str],
    seen: set[int],
) -> None:
    """Takes whoever is called and lets each go again by cancelling the token, until all were seen."""
    await _Browser(http, doctor["session"]).post("/desk/available/")
    while len(seen) < TOKENS:
        called = await (await database.execute(CALLED, [doctor["doctor"]])).fetchone()
        if called is None:
            await asyncio.sleep(0.02)
            continue
        await _Browser(http, sessions[called[0]]).post("/token/cancel/", {"sure": "1"})
        seen.add(called[0])


async def _rush(stack: Stack) -> tuple[int, int]:
    people, doctors = stack.people("patients", TOKENS), stack.people("doctors", DOCTORS)
    sessions = {one["patient"]: one["session"] for one in people}
    seen: set[int] = set()
    async with (
        httpx2.AsyncClient(base_url=stack.address, timeout=60) as http,
        await psycopg.AsyncConnection.connect(stack.environment["DATABASE_URL"], autocommit=True) as database,
        asyncio.timeout(PATIENCE),
    ):
        clients = [_client(http, some) for some in batched(people, TOKENS // CLIENTS + 1)]
        await asyncio.gather(*clients, *(_doctor(http, database, one, sessions, seen) for one in doctors))
        numbers, calls = [await _count(database, sql) for sql in (TWICE_NUMBERED, TWICE_CALLED)]
    return numbers, calls


async def _count(database: psycopg.AsyncConnection[Any], sql: LiteralString) -> int:
    row = await (await database.execute(sql)).fetchone()
    return int(row[0]) if row else 0


def results(stack: Stack) -> list[Result]:
    """On a database where nobody has a token yet."""
    numbers, calls = asyncio.run(_rush(stack))
    return [
        _none(f"P {TOKENS} tokens by {CLIENTS} clients, {DOCTORS} doctors calling: numbers given twice", numbers),
        _none(f"P {TOKENS} tokens by {CLIENTS} clients, {DOCTORS} doctors calling: patients called twice", calls),
    ]


def _none(name: str, found: int) -> Result:
    """None is right, one is too many."""
    return Result(name, found, "", against=0, ratio=1.0 + found, peers=PEERS)
