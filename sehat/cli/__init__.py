"""The portal's commands: `python -m sehat …`. Django is loaded only by the command that needs it."""

import argparse
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

from sehat.api.rules import KEY_DAYS, USUAL_KEY_DAYS
from sehat.cli import keeping, lists, serving
from sehat.site.simulation.rules import MOST_DOCTORS, MOST_PATIENTS, Size

ROLES = ("doctor", "specialist", "ama", "pharmacist", "commandant", "hq")


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code."""
    arguments = _parser().parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sehat.config.settings")
    code: int | None = arguments.command(arguments)
    return code or 0


def _some(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"should be a whole number above 0, not {text!r}")
    return int(text)


def _up_to(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if (number := _some(text)) > most:
            raise argparse.ArgumentTypeError(f"should be at most {most}, not {text!r}")
        return number

    return read


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sehat", description="SeHAT OPD: a tele-consultation OPD.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    run = commands.add_parser("run", help="prepare and start everything in one process, in demo mode")
    run.set_defaults(command=serving.run)
    simulate = commands.add_parser("simulate", help="the same, with sample patients and doctors at work")
    usual = Size()
    simulate.add_argument("--patients", type=_up_to(MOST_PATIENTS), default=usual.patients, help="there at one time")
    simulate.add_argument("--doctors", type=_up_to(MOST_DOCTORS), default=usual.doctors)
    simulate.add_argument("--seed", type=int, help="the same whims again")
    simulate.set_defaults(command=serving.simulate)
    for one in (run, simulate):
        one.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        one.add_argument(
            "--data", type=Path, default=Path(os.environ.get("DATA", "var")), help="folder for database and files"
        )

    serve = commands.add_parser("serve", help="serve pages and sockets in production")
    serve.add_argument("--host", default=serving.LOCAL)
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--workers", type=_some, default=1, help="processes; more than one needs REDIS_URL")
    serve.set_defaults(command=serving.serve)

    worker = commands.add_parser("worker", help="send notices, keep deadlines, do later work; any number of them")
    worker.set_defaults(command=serving.worker)

    migrate = commands.add_parser("migrate", help="bring database, static files, fonts and messages up to date")
    migrate.set_defaults(command=keeping.migrate)

    backup = commands.add_parser("backup", help="database and files into one file, while the portal goes on")
    backup.add_argument("file", type=Path, metavar="FILE.tar")
    backup.set_defaults(command=keeping.backup)

    restore = commands.add_parser("restore", help="bring a backup into an empty portal")
    restore.add_argument("file", type=Path, metavar="FILE.tar")
    restore.set_defaults(command=keeping.restore)

    demo = commands.add_parser("demo", help="seed the demo's hospital, staff and sample people")
    demo.set_defaults(command=keeping.demo)

    staff = commands.add_parser("staff", help="logins of the staff").add_subparsers(metavar="COMMAND", required=True)
    add = staff.add_parser("add", help="make a login; asks for the password")
    add.add_argument("username")
    add.add_argument("--role", choices=ROLES, required=True)
    add.add_argument("--name", default="", help="as patients and colleagues read it")
    add.add_argument("--password-stdin", action="store_true", help="read the password from the first line of input")
    add.set_defaults(command=lists.staff_add)
    lost = staff.add_parser("reset-code", help="telephone lost: the login asks for no code until a new one is set up")
    lost.add_argument("username")
    lost.set_defaults(command=lists.staff_reset_code)

    key = commands.add_parser("key", help="keys of HQ's machines for the API").add_subparsers(
        metavar="COMMAND", required=True, dest="verb"
    )
    new = key.add_parser("add", help="make a key; shows it once")
    new.add_argument("name", help="which machine it is for")
    new.add_argument("--days", type=int, choices=KEY_DAYS, default=USUAL_KEY_DAYS, help="for how long it counts")
    gone = key.add_parser("revoke", help="end a key")
    gone.add_argument("handle", help="as the list has it")
    for one in (new, gone, key.add_parser("list", help="the keys, and when each was used last")):
        one.set_defaults(command=lists.key)

    imports = commands.add_parser("import", help="lists from files").add_subparsers(metavar="LIST", required=True)
    register = imports.add_parser("register", help="the AMA register, from CSV")
    register.add_argument("file", type=Path)
    register.add_argument(
        "--dry-run", action="store_true", help="show every row that would fail and why; change nothing"
    )
    register.set_defaults(command=lists.import_register)

    medicines = imports.add_parser("formulary", help="the medicines that may be prescribed, from CSV")
    medicines.add_argument("file", type=Path)
    medicines.add_argument(
        "--dry-run", action="store_true", help="show every row that would fail and why; change nothing"
    )
    medicines.set_defaults(command=lists.import_formulary)

    messages = commands.add_parser("messages", help="compile the Hindi catalogues")
    either = messages.add_mutually_exclusive_group()
    either.add_argument("--collect", action="store_true", help="first bring them up to date with the sources")
    either.add_argument("--check", action="store_true", help="also fail where a message is missing or guessed")
    messages.set_defaults(command=keeping.messages)

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
    verify.set_defaults(command=lists.verify)

    recount = commands.add_parser("recount", help="count closed days of the reports anew; says which were other ones")
    recount.add_argument("frm", type=date.fromisoformat, metavar="FIRST", help="a day as 2026-11-23")
    recount.add_argument("to", type=date.fromisoformat, metavar="LAST")
    recount.set_defaults(command=keeping.recount)

    check = commands.add_parser("check", help="check settings and environment for production")
    check.set_defaults(command=keeping.check)
    return parser
