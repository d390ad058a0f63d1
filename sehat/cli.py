"""The portal's commands: `python -m sehat …`. Django is loaded only by the command that needs it."""

import argparse
import getpass
import multiprocessing
import os
import signal
import socket
import sys
import threading
from pathlib import Path

from sehat.api.rules import KEY_DAYS, USUAL_KEY_DAYS

LOCAL = "127.0.0.1"
SERVE_PATIENCE = 20
"""Seconds that requests in flight get when `sehat serve` is stopped."""
ROLES = ("doctor", "specialist", "ama", "pharmacist", "commandant", "hq")


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code."""
    arguments = _parser().parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sehat.config.settings")
    code: int | None = arguments.command(arguments)
    return code or 0


def _run(arguments: argparse.Namespace) -> int:
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
    _serve_http(LOCAL, arguments.port, workers=1, patience=3)
    return 0


def _prepare_demo() -> None:
    _django()
    from sehat.config import prepare
    from sehat.site import seed

    prepare.everything()
    seed.demo()


def _serve(arguments: argparse.Namespace) -> int:
    _django()
    from sehat.config import checks

    if not _is_free(arguments.port, arguments.host):
        print(f"Port {arguments.port} is in use: choose another with --port.", file=sys.stderr)
        return 1
    checks.serving(processes=arguments.workers)
    _let_go_of_the_database()
    _serve_http(arguments.host, arguments.port, workers=arguments.workers, patience=SERVE_PATIENCE)
    return 0


def _worker(arguments: argparse.Namespace) -> int:
    _django()
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


def _migrate(arguments: argparse.Namespace) -> int:
    _django()
    from sehat.config import prepare

    print("Bringing messages, fonts, static files and the database up to date …", flush=True)
    prepare.everything()
    print("Done.")
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    os.environ["SEHAT_DEMO"] = "1"
    _django()
    from sehat.site import seed

    seed.demo()
    return 0


def _staff_add(arguments: argparse.Namespace) -> int:
    _django()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from sehat.accounts.models import Staff

    try:
        password = sys.stdin.readline().strip() if arguments.password_stdin else getpass.getpass("Password: ")
    except EOFError:
        print("Nobody typed a password: run it at a terminal, or with --password-stdin.", file=sys.stderr)
        return 1
    first, _, last = arguments.name.partition(" ")
    person = Staff(username=arguments.username, role=arguments.role, first_name=first, last_name=last)
    try:
        validate_password(password, person)
        person.set_password(password)
        person.full_clean()
    except ValidationError as error:
        print("\n".join(error.messages), file=sys.stderr)
        return 1
    person.save()
    print(f"{person.username} may now log in at /staff/login/ as {arguments.role}.")
    return 0


def _key(arguments: argparse.Namespace) -> int:
    _django()
    from sehat.api import command

    match arguments.verb:
        case "add":
            return command.add(name=arguments.name, days=arguments.days)
        case "revoke":
            return command.revoke(handle=arguments.handle)
        case _:
            return command.show()


def _import_register(arguments: argparse.Namespace) -> int:
    _django()
    from sehat.entitlement.services import import_register

    try:
        report = import_register(arguments.file, dry_run=arguments.dry_run)
    except (OSError, UnicodeDecodeError) as error:
        print(f"{arguments.file} cannot be read as UTF-8 text: {error}", file=sys.stderr)
        return 1
    for row in report.bad:
        print(row, file=sys.stderr)
    print(f"new {report.new}, changed {report.changed}, unchanged {report.unchanged}, bad {len(report.bad)}")
    if not report.ok:
        print("Nothing was changed: mend the rows above and import the file again.", file=sys.stderr)
    return 0 if report.ok else 1


def _import_formulary(arguments: argparse.Namespace) -> int:
    _django()
    from sehat.prescription import formulary

    try:
        report = formulary.bring_in(arguments.file, dry_run=arguments.dry_run)
    except (OSError, UnicodeDecodeError) as error:
        print(f"{arguments.file} cannot be read as UTF-8 text: {error}", file=sys.stderr)
        return 1
    except formulary.BadFormulary as error:
        print(
            *error.faults,
            "Nothing was changed: mend the rows above and import the file again.",
            sep="\n",
            file=sys.stderr,
        )
        return 1
    print(report)
    return 0


def _messages(arguments: argparse.Namespace) -> int:
    # Catalogues need no database and no secret; the commands of gettext need some settings.
    from django.conf import settings

    settings.configure()
    _django()
    from sehat.config import messages

    if arguments.collect:
        lacking = [f"{room.name}: {text}" for room in messages.rooms() for text in messages.collect(room)]
    else:
        lacking = messages.missing() if arguments.check else []
    messages.compile_all()
    for text in lacking:
        print(f"not in Hindi yet: {text}", file=sys.stderr)
    return 1 if lacking and arguments.check else 0


def _check(arguments: argparse.Namespace) -> int:
    _django()
    from django.core.management import call_command
    from django.core.management.base import SystemCheckError

    from sehat.config import checks

    checks.everything()
    try:
        call_command("check", deploy=True, databases=["default"], fail_level="WARNING")
    except SystemCheckError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    if arguments.jwks is None:
        _django()
    else:
        # A pharmacy's machine has neither database nor secrets; sentences need settings all the same.
        from django.conf import settings

        settings.configure(USE_I18N=False)
    from sehat.papers import command

    what = {"paper": arguments.file, "code": arguments.qr or ""}
    return command.online(**what) if arguments.jwks is None else command.offline(**what, jwks=arguments.jwks)


def _django() -> None:
    import django

    django.setup()


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


def _some(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"should be a whole number above 0, not {text!r}")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sehat", description="SeHAT OPD: a tele-consultation OPD.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    run = commands.add_parser("run", help="prepare and start everything in one process, in demo mode")
    run.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    run.add_argument(
        "--data", type=Path, default=Path(os.environ.get("DATA", "var")), help="folder for database and files"
    )
    run.set_defaults(command=_run)

    serve = commands.add_parser("serve", help="serve pages and sockets in production")
    serve.add_argument("--host", default=LOCAL)
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--workers", type=_some, default=1, help="processes; more than one needs REDIS_URL")
    serve.set_defaults(command=_serve)

    worker = commands.add_parser("worker", help="send notices, keep deadlines, do later work; any number of them")
    worker.set_defaults(command=_worker)

    migrate = commands.add_parser("migrate", help="bring database, static files, fonts and messages up to date")
    migrate.set_defaults(command=_migrate)

    demo = commands.add_parser("demo", help="seed the demo's hospital, staff and sample people")
    demo.set_defaults(command=_demo)

    staff = commands.add_parser("staff", help="logins of the staff").add_subparsers(metavar="COMMAND", required=True)
    add = staff.add_parser("add", help="make a login; asks for the password")
    add.add_argument("username")
    add.add_argument("--role", choices=ROLES, required=True)
    add.add_argument("--name", default="", help="as patients and colleagues read it")
    add.add_argument("--password-stdin", action="store_true", help="read the password from the first line of input")
    add.set_defaults(command=_staff_add)

    key = commands.add_parser("key", help="keys of HQ's machines for the API").add_subparsers(
        metavar="COMMAND", required=True, dest="verb"
    )
    new = key.add_parser("add", help="make a key; shows it once")
    new.add_argument("name", help="which machine it is for")
    new.add_argument("--days", type=int, choices=KEY_DAYS, default=USUAL_KEY_DAYS, help="for how long it counts")
    gone = key.add_parser("revoke", help="end a key")
    gone.add_argument("handle", help="as the list has it")
    for one in (new, gone, key.add_parser("list", help="the keys, and when each was used last")):
        one.set_defaults(command=_key)

    imports = commands.add_parser("import", help="lists from files").add_subparsers(metavar="LIST", required=True)
    register = imports.add_parser("register", help="the AMA register, from CSV")
    register.add_argument("file", type=Path)
    register.add_argument(
        "--dry-run", action="store_true", help="show every row that would fail and why; change nothing"
    )
    register.set_defaults(command=_import_register)

    medicines = imports.add_parser("formulary", help="the medicines that may be prescribed, from CSV")
    medicines.add_argument("file", type=Path)
    medicines.add_argument(
        "--dry-run", action="store_true", help="show every row that would fail and why; change nothing"
    )
    medicines.set_defaults(command=_import_formulary)

    messages = commands.add_parser("messages", help="compile the Hindi catalogues")
    either = messages.add_mutually_exclusive_group()
    either.add_argument("--collect", action="store_true", help="first bring them up to date with the sources")
    either.add_argument("--check", action="store_true", help="also fail where a message is missing or guessed")
    messages.set_defaults(command=_messages)

    verify = commands.add_parser(
        "verify",
        help="check a prescription; exit code 0: genuine, 1: not, or revoked, 2: not checked",
    )
    shown = verify.add_mutually_exclusive_group(required=True)
    shown.add_argument("file", nargs="?", type=Path, metavar="FILE.pdf", help="the prescription as PDF")
    shown.add_argument("--qr", metavar="TEXT", help="what the code on the sheet says, or the number")
    verify.add_argument(
        "--jwks", type=Path, metavar="FILE", help="the portal's /.well-known/jwks.json: check offline by its keys"
    )
    verify.set_defaults(command=_verify)

    check = commands.add_parser("check", help="check settings and environment for production")
    check.set_defaults(command=_check)
    return parser
