"""What is wrong around the portal stops its start with one line that names what to set, and exit code 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers
from tests.deploy.production import ROOT, Production

NOBODY = "127.0.0.1:9"  # the discard port: nobody listens there


def refused(production: Production, *words: str, **changes: str | None) -> str:
    """The one line with which the command refuses to start."""
    done = production.run(*words, **changes)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://somebody@127.0.0.1/sehat"),
        ("DATABASE_URL", "postgresql://somebody@127.0.0.1:port/sehat"),
        ("DATABASE_URL", "postgresql://somebody@127.0.0.1:5432/"),
        ("DATABASE_URL", "postgresql://[half/sehat"),
        ("DATABASE_URL", f"postgresql://somebody:very-secret@{NOBODY}/sehat"),
        ("REDIS_URL", "localhost:6379"),
        ("SEHAT_FILES", "s3://somebody:very-secret@bucket"),
        ("REDIS_URL", "redis://127.0.0.1:99999/0"),
        ("SEHAT_METRICS_TOKEN", "short"),
        ("SEHAT_SECOND_FACTOR", "yes"),
        ("SEHAT_TRUSTED_PROXIES", "the proxy"),
        ("SEHAT_SECRET_KEY", None),
        ("SEHAT_HOSTS", None),
        ("SMS_URL", None),
    ],
)
def test_a_wrong_variable_is_named(production: Production, name: str, value: str | None) -> None:
    line = refused(production, "serve", "--port", str(servers.free_port()), **{name: value})
    assert line.startswith(f"{name}: should ")
    assert "very-secret" not in line


def test_the_database_must_let_the_portal_in(production: Production) -> None:
    good = production.environment["DATABASE_URL"]
    no_such_database = refused(production, "worker", DATABASE_URL=good.replace("/postgres", "/elsewhere"))
    assert no_such_database.startswith("DATABASE_URL: should name a database that lets the portal in: ")
    assert '"elsewhere" does not exist' in no_such_database


def test_a_database_without_its_tables_is_refused(production: Production) -> None:
    empty = production.environment["DATABASE_URL"].replace("/postgres", "/template1")
    line = refused(production, "serve", "--port", str(servers.free_port()), DATABASE_URL=empty)
    assert line.startswith("DATABASE_URL: names a database that lacks ")
    assert line.endswith("run `sehat migrate` first")


def test_a_host_without_static_files_is_refused(production: Production, tmp_path: Path) -> None:
    elsewhere = str(tmp_path / "elsewhere")
    line = refused(production, "serve", "--port", str(servers.free_port()), DATA=elsewhere, SEHAT_BUILD=None)
    assert line.startswith("DATA: holds no static files")


def test_several_processes_need_a_redis(production: Production) -> None:
    line = refused(production, "serve", "--workers", "2", "--port", str(servers.free_port()), REDIS_URL=None)
    assert line.startswith("REDIS_URL: should name a Redis")


def test_a_redis_with_a_password(production: Production) -> None:
    with servers.redis("--requirepass", "open-sesame") as url:
        for tried in (url, url.replace("//", "//:wrong-word@")):
            line = refused(production, "check", REDIS_URL=tried)
            assert line.startswith("REDIS_URL: should hold the right password")
            assert "wrong-word" not in line


def test_a_redis_that_is_away_stops_nobody_but_the_check(production: Production) -> None:
    away = f"redis://127.0.0.1:{servers.free_port()}/0"
    assert refused(production, "check", REDIS_URL=away).startswith("REDIS_URL: names a Redis that does not answer")
    portal = production.serve(REDIS_URL=away)
    assert portal.get_json("/readyz") == {"database": True, "redis": False, "worker": False}


def test_a_host_without_time_zones_is_refused(production: Production, tmp_path: Path) -> None:
    """`PYTHONTZPATH` is where Python looks for the zones of the host."""
    line = refused(production, "worker", PYTHONTZPATH=str(tmp_path))
    assert line == "tzdata: should be installed on this host: its time zones lack Asia/Kolkata"


def test_a_clock_that_is_far_off_is_refused(production: Production) -> None:
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    line = refused(production, "worker", LD_PRELOAD=os.fspath(library), FAKETIME="+20m", DONT_FAKE_MONOTONIC="1")
    assert line.startswith("clock: should be set by NTP")
    assert "s ahead of the database" in line


def test_a_port_that_is_taken(production: Production) -> None:
    portal = production.serve()
    second = production.run("serve", "--port", str(portal.port))
    assert (second.returncode, second.stderr.count("\n")) == (1, 1)
    assert f"Port {portal.port} is in use" in second.stderr


def test_no_process_is_too_few(production: Production) -> None:
    done = production.run("serve", "--workers", "0")
    assert done.returncode == 2
    assert "--workers: should be a whole number above 0" in done.stderr


def test_all_is_well(production: Production) -> None:
    done = production.run("check")
    assert done.returncode == 0, done.stderr


def test_a_login_is_made_at_a_terminal_or_from_input(production: Production) -> None:
    command = [sys.executable, "-m", "sehat", "staff", "add", "first", "--role", "hq"]
    nobody = subprocess.run(
        command,
        cwd=ROOT,
        env=production.surroundings(),
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # without a terminal, as a script has none
        capture_output=True,
        text=True,
        check=False,
    )
    assert nobody.returncode == 1
    assert nobody.stderr.splitlines()[-1].startswith("Password: Nobody typed a password: ")
    assert "Traceback" not in nobody.stderr
    typed = subprocess.run(
        [*command, "--password-stdin"],
        cwd=ROOT,
        env=production.surroundings(),
        input="Correct-horse-7-battery\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (typed.returncode, typed.stderr) == (0, "")
    assert "first may now log in at /staff/login/ as hq." in typed.stdout


def test_the_check_remarks_on_a_password_alone(production: Production) -> None:
    assert "SEHAT_SECOND_FACTOR: is optional" in production.run("check").stderr
    required = production.run("check", SEHAT_SECOND_FACTOR="required")
    assert (required.returncode, required.stderr) == (0, "")
