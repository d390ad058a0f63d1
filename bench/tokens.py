"""Row 2: token issue over HTTP on PostgreSQL, against pgbench writing the same rows."""

import re
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg

from bench import stack as stacks
from bench.load import CONNECTIONS, SECONDS, Outcome, drive, request
from bench.result import Result, at_least, told
from bench.stack import Stack

PEOPLE = 8_000
TARGET = 0.4
OF_PGBENCH = 60_000
"""Patients whom pgbench gives a token, one each."""

VISIT = {
    "email": "",
    "address": "14 Shanti Vihar",
    "pincode": "110010",
    "state": "Delhi",
    "district": "New Delhi",
    "city": "Delhi Cantt",
    "language": "hi",
    "special_need": "",
    "complaint": "Fever and cough",
    "duration": "3 days",
    "opd": "1",
    "agree": "on",
}
"""The form as a known patient sends it."""


def taken_by(people: Iterable[dict[str, Any]]) -> list[bytes]:
    """The requests with which these patients take a token."""
    return [request("POST", "/register/details/", session=one["session"], form=VISIT) for one in people]


def issue(stack: Stack, *, keep_alive: bool = True) -> Outcome:
    """Tokens taken by patients who are known, over HTTP: validation, counter, token, history, notice, audit."""
    people = stack.people("patients", PEOPLE)
    return drive(stack, taken_by(people), expects="/register/done/", keep_alive=keep_alive)


PGBENCH = r"""
\set n :n + 1
\set patient :first + :client_id * :each + :n
BEGIN;
INSERT INTO tokens_tokencounter (opd_id, day, last) VALUES (1, CURRENT_DATE, 1)
  ON CONFLICT (opd_id, day) DO UPDATE SET last = tokens_tokencounter.last + 1 RETURNING last AS number \gset
INSERT INTO tokens_token (created_at, patient_id, opd_id, day, number, secret, code, state, complaint, duration,
    red_flags, referral_note, credit, moved_at, expires_at)
  VALUES (now(), :patient, 1, CURRENT_DATE, :number, '8317', 'G042-8317', 'issued', 'Fever and cough', '3 days',
    '[]', '', 10, now(), now() + interval '8 hours') RETURNING id AS token \gset
INSERT INTO tokens_tokenmove (token_id, at, frm, "to", why, by)
  VALUES (:token, now(), '', 'issued', 'issued', 'patient');
INSERT INTO notices_notice (created_at, kind, channel, "to", language, subject, text, template_id, state, tries,
    next_try_at, no_use_after, error)
  VALUES (now(), 'token_issued', 'sms', '7000000000', 'hi', 'Your Patient ID and token', repeat('x', 220), '',
    'pending', 0, now(), now() + interval '1 day', '');
INSERT INTO audit_entry (at, actor, action, subject, details)
  VALUES (now(), 'registration.patient:1', 'token.issue', 'tokens.token:1', '{"opd": "G", "number": 42}');
COMMIT;
"""


def pgbench(stack: Stack) -> float:
    """Transactions a second of PostgreSQL alone with the same rows, prepared statements, as many connections."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "token.sql")
        script.write_text(PGBENCH)
        server = stack.cluster
        command = [
            *("pgbench", "-h", server.host, "-p", str(server.port), "-U", "sehat", "-n", "-M", "prepared"),
            *("-c", str(CONNECTIONS), "-j", "2", "-T", str(int(SECONDS)), "-f", str(script)),
            *("-D", "n=-1", "-D", f"first={_first_of(stack)}", "-D", f"each={OF_PGBENCH // CONNECTIONS}"),
            stack.database,
        ]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(done.stdout + done.stderr[-2000:])
    return float(found[1])


PATIENTS = """
INSERT INTO registration_patient (created_at, patient_id, mobile, mobile_proved_at, name, gender, date_of_birth,
    only_age_known, category, service_number, relation, email, address, pincode, state, district, city, language,
    special_need, verification)
SELECT now(), '5' || lpad(n::text, 11, '0'), '5' || lpad(n::text, 9, '0'), now(), 'Mohan Lal Sharma', 'male',
    DATE '1961-05-27', false, 'ex', 'N5' || n, '', '', '14 Shanti Vihar', '110010', 'Delhi', 'New Delhi',
    'Delhi Cantt', 'hi', '', 'pending'
FROM generate_series(1, %s) AS n
"""


def _first_of(stack: Stack) -> int:
    """The first of the patients whom pgbench gives a token."""
    with psycopg.connect(stack.environment["DATABASE_URL"]) as database:
        database.execute(PATIENTS, [OF_PGBENCH])
        row = database.execute("SELECT min(id) FROM registration_patient WHERE mobile LIKE '5%'").fetchone()
    return int(row[0]) if row else 0


def measure() -> list[Result]:
    """Empty database, two web processes, 32 connections kept alive."""
    with stacks.database() as server:
        stack = stacks.prepare(server, "tokens")
        alone = pgbench(stack)
        with stacks.running(stack, web=2):
            ours = issue(stack)
    return [
        told("2 pgbench, the same rows", alone, "/s"),
        at_least("2 token issue over HTTP on PostgreSQL", ours.rate, "/s", TARGET * alone),
        told(f"2 its CPU ({ours.parts()})", ours.cpu_ms, "CPU-ms"),
    ]
