"""The commands that keep a portal in order: `migrate`, `check`, `backup`, `restore`, `recount`, `demo`, `messages`."""

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

from sehat.cli.loading import load_django


def migrate(arguments: argparse.Namespace) -> int:
    """`sehat migrate`."""
    load_django()
    from sehat.config import prepare

    print("Bringing messages, fonts, static files and the database up to date …", flush=True)
    prepare.everything()
    print("Done.")
    return 0


def demo(arguments: argparse.Namespace) -> int:
    """`sehat demo`."""
    os.environ["SEHAT_DEMO"] = "1"
    load_django()
    from sehat.site import seed

    seed.demo()
    return 0


def messages(arguments: argparse.Namespace) -> int:
    """`sehat messages`."""
    # Catalogues need no database and no secret; the commands of gettext need some settings.
    from django.conf import settings

    settings.configure()
    load_django()
    from sehat.config import messages

    if arguments.collect:
        lacking = [f"{room.name}: {text}" for room in messages.rooms() for text in messages.collect(room)]
    else:
        lacking = messages.missing() if arguments.check else []
    messages.compile_all()
    for text in lacking:
        print(f"not in Hindi yet: {text}", file=sys.stderr)
    return 1 if lacking and arguments.check else 0


def check(arguments: argparse.Namespace) -> int:
    """`sehat check`."""
    load_django()
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


def backup(arguments: argparse.Namespace) -> int:
    """`sehat backup`."""
    load_django()
    from sehat.kernel import backup as backups

    print("Copying the database, then the files; the portal may go on …", flush=True)
    return _told(lambda: backups.write(arguments.file), f"{arguments.file} holds", "Its keys are kept elsewhere.")


def restore(arguments: argparse.Namespace) -> int:
    """`sehat restore`."""
    load_django()
    from sehat.kernel import backup as backups

    print("Looking at the backup, then bringing it in …", flush=True)
    return _told(lambda: backups.restore(arguments.file), "Restored:", "Next: sehat migrate, then sehat check.")


def recount(arguments: argparse.Namespace) -> int:
    """`sehat recount`."""
    load_django()
    from sehat.kernel.clock import now
    from sehat.office import days

    print("Counting; reports go on and count these days themselves meanwhile …", flush=True)
    others = days.recount(arguments.frm, arguments.to, now=now())
    for day in others:
        print(f"{day}: had other figures before")
    if not others:
        print("All figures stand.")
    return 0


def _told(deed: Callable[[], dict[str, Any]], before: str, after: str) -> int:
    from sehat.kernel.backup import BackupFault

    try:
        found = deed()
    except (BackupFault, OSError) as fault:
        print(fault, file=sys.stderr)
        return 1
    size = found["files_bytes"] / 1e6
    print(f"{before} the database ({found['database']}) and {found['files']} files, {size:.1f} MB. {after}")
    return 0
