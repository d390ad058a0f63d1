"""The Hindi catalogues, one in each room: collected from the sources, checked, compiled."""

import shutil
import tempfile
from contextlib import chdir
from pathlib import Path

import polib
from django.core.management import call_command

PACKAGE = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/hi/LC_MESSAGES/django.po")
HEADER = {
    "Project-Id-Version": "SeHAT OPD",
    "Language": "hi",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n > 1);",
}


def rooms(package: Path = PACKAGE) -> list[Path]:
    """The folders of the rooms, in the order of their names."""
    return sorted(path.parent for path in package.glob("*/apps.py"))


def compile_all() -> None:
    """Write each catalogue's `.mo` beside it, where the `.po` is younger."""
    for source in PACKAGE.glob(f"*/{CATALOGUE}"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(str(source)).save_as_mofile(str(target))


def collect(room: Path) -> list[str]:
    """Bring a room's catalogue up to date with its sources (needs GNU gettext); what it still lacks.

    A translation that gettext only guessed is emptied, and one that nothing uses is dropped: a catalogue
    holds what people read and nothing else.
    """
    source = room / CATALOGUE
    new = not source.exists()
    source.parent.mkdir(parents=True, exist_ok=True)
    with chdir(room):
        call_command("makemessages", locale=["hi"], no_location=True, verbosity=0)
    if not source.exists():
        return []
    catalogue = polib.pofile(str(source), wrapwidth=100)
    catalogue.header = ""
    catalogue.metadata = HEADER
    catalogue.metadata_is_fuzzy = False
    for entry in [entry for entry in catalogue if entry.obsolete]:
        catalogue.remove(entry)
    for entry in catalogue.fuzzy_entries():
        entry.flags.remove("fuzzy")
        entry.msgstr, entry.msgstr_plural = "", dict.fromkeys(entry.msgstr_plural, "")
        entry.previous_msgid = entry.previous_msgctxt = entry.previous_msgid_plural = None
    if new and not len(catalogue):
        shutil.rmtree(room / "locale")
        return []
    catalogue.save()
    return [entry.msgid for entry in catalogue.untranslated_entries()]


def missing() -> list[str]:
    """Each message that people would meet untranslated, as "room: message"; found in a copy of the sources."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / PACKAGE.name
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("static", "__pycache__", "*.mo"))
        return [f"{room.name}: {message}" for room in rooms(copy) for message in collect(room)]
