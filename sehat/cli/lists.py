"""The commands about people, machines, lists and papers: `staff`, `key`, `import`, `verify`."""

import argparse
import getpass
import sys

from sehat.cli.loading import load_django


def staff_add(arguments: argparse.Namespace) -> int:
    """`sehat staff add`."""
    load_django()
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


def staff_reset_code(arguments: argparse.Namespace) -> int:
    """`sehat staff reset-code`."""
    load_django()
    from sehat.accounts import services
    from sehat.accounts.models import Staff

    person = Staff.objects.filter(username=arguments.username).first()
    if person is None:
        print(f"Nobody has the username {arguments.username}.", file=sys.stderr)
        return 1
    if not services.take_away(staff=person, by=None):
        print(f"{person.username} has no code at login.", file=sys.stderr)
        return 1
    print(f"{person.username} logs in by password alone now, and should set up a new code at once.")
    return 0


def key(arguments: argparse.Namespace) -> int:
    """`sehat key`."""
    load_django()
    from sehat.api import command

    match arguments.verb:
        case "add":
            return command.add(name=arguments.name, days=arguments.days)
        case "revoke":
            return command.revoke(handle=arguments.handle)
        case _:
            return command.show()


def import_register(arguments: argparse.Namespace) -> int:
    """`sehat import register`."""
    load_django()
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


def import_formulary(arguments: argparse.Namespace) -> int:
    """`sehat import formulary`."""
    load_django()
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


def verify(arguments: argparse.Namespace) -> int:
    """`sehat verify`."""
    if arguments.jwks is None:
        load_django()
    else:
        # A pharmacy's machine has neither database nor secrets; sentences need settings all the same.
        from django.conf import settings

        settings.configure(USE_I18N=False)
    from sehat.papers import command

    what = {"paper": arguments.file, "code": arguments.qr or ""}
    return command.online(**what) if arguments.jwks is None else command.offline(**what, jwks=arguments.jwks)
