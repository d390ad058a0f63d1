"""The house itself: who may look at whom, how long a module is, what is documented, what is translated."""

import ast
import re
import shutil
from importlib.metadata import packages_distributions
from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import ForeignKey
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from sehat.config import messages, settings

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(path for path in (ROOT / "sehat").rglob("*.py") if "migrations" not in path.parts)
ROOMS = settings.ROOMS
LINES = 400


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_rooms_look_back_along_the_journey_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS


@pytest.mark.django_db
def test_every_promise_of_a_model_stands_in_the_database() -> None:
    """A migration can take away more than it says: Django drops all indexes of a column, unique ones among them."""
    lacking = []
    for model in apps.get_models():
        if model._meta.app_label not in ROOMS or not model._meta.managed:
            continue
        with connection.cursor() as cursor:
            there = connection.introspection.get_constraints(cursor, model._meta.db_table)
        promised = [*model._meta.constraints, *model._meta.indexes]
        lacking += [f"{model._meta.label}: {one.name}" for one in promised if one.name not in there]
    assert not lacking


def test_no_foreign_key_points_forward() -> None:
    forward = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in ROOMS
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey)
        and field.related_model._meta.app_label in ROOMS
        and ROOMS.index(field.related_model._meta.app_label) > ROOMS.index(model._meta.app_label)
    ]
    assert not forward


@pytest.mark.django_db
def test_every_table_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_module_stays_under_400_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) < LINES


WIRING = {"apps.py", "urls.py", "admin.py", "__main__.py"}


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name not in WIRING], ids=_name)
def test_what_is_public_says_what_it_does(path: Path) -> None:
    tree = ast.parse(path.read_text())
    silent = [] if ast.get_docstring(tree) or not tree.body else ["the module"]
    silent += [
        f"{node.name} (line {node.lineno})"
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent


def test_no_word_is_left_undone() -> None:
    undone = [
        f"{_name(path)}:{number}"
        for path in [*SOURCES, *(ROOT / "sehat").rglob("*.html"), *(ROOT / "sehat").rglob("*.js")]
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\b(TODO|FIXME|XXX)\b", line)
    ]
    assert not undone


def test_every_environment_variable_is_documented() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "sehat" / "config").glob("*.py"))
    # Every function of `env` reads what its first argument names.
    readers = "|".join(
        ["env[.]\\w+", *re.findall(r"^def (\w+)", (ROOT / "sehat/config/env.py").read_text(), re.MULTILINE)]
    )
    read = set(re.findall(rf"\b(?:{readers})\(\s*[\"']([A-Z_]{{3,}})[\"']", sources))
    documented = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/environment.md").read_text(), re.MULTILINE))
    assert read
    assert read == documented


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, polib.POFile]:
    """The catalogues as they would be if collected from the sources now."""
    copy = tmp_path_factory.mktemp("collected") / "sehat"
    shutil.copytree(messages.PACKAGE, copy, ignore=shutil.ignore_patterns("static", "__pycache__", "*.mo"))
    for room in messages.rooms(copy):
        messages.collect(room)
    return {path.relative_to(copy).parts[0]: polib.pofile(str(path)) for path in copy.glob(f"*/{messages.CATALOGUE}")}


def test_every_message_is_in_hindi(collected: dict[str, polib.POFile]) -> None:
    assert not [f"{room}: {e.msgid}" for room, po in collected.items() for e in po.untranslated_entries()]


def test_no_message_is_guessed_or_left_over() -> None:
    catalogues = {path: polib.pofile(str(path)) for path in messages.PACKAGE.glob(f"*/{messages.CATALOGUE}")}
    assert catalogues
    wrong = [
        f"{_name(path)}: {entry.msgid}"
        for path, catalogue in catalogues.items()
        for entry in [*catalogue.fuzzy_entries(), *catalogue.obsolete_entries()]
    ]
    assert not wrong


def test_one_english_message_has_one_hindi(collected: dict[str, polib.POFile]) -> None:
    """The rooms' catalogues are merged at run time: of two translations one would win by chance."""
    seen: dict[tuple[str, str], set[str]] = {}
    for catalogue in collected.values():
        for entry in catalogue.translated_entries():
            seen.setdefault((entry.msgctxt or "", entry.msgid), set()).add(entry.msgstr)
    assert not {key: sorted(texts) for key, texts in seen.items() if len(texts) > 1}


PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def _places(*texts: str) -> set[str]:
    return {place for text in texts for place in PLACES.findall(text)}


def test_translations_keep_their_places(collected: dict[str, polib.POFile]) -> None:
    """A translation that lost a `%(name)s` loses a number or breaks the page."""
    entries = [(room, entry) for room, catalogue in collected.items() for entry in catalogue]
    broken = [
        f"{room}: {entry.msgid}"
        for room, entry in entries
        if _places(entry.msgstr, *entry.msgstr_plural.values()) != _places(entry.msgid, entry.msgid_plural)
    ]
    assert not broken


def test_nothing_names_a_registry_or_this_machine() -> None:
    listed = [
        path
        for path in ROOT.rglob("*")
        if path.is_file() and path.suffix in {".md", ".txt", ".in", ".toml", ".py", ".yml"}
    ]
    ours = [path for path in listed if not {".venv", "var", ".git"} & set(path.relative_to(ROOT).parts)]
    hosts = re.compile(
        "|".join(["py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.(org|com)", r"deb\.deb" + r"ian\.org"])
    )
    assert not [_name(path) for path in ours if hosts.search(path.read_text(errors="ignore"))]


def _names(requirements: str) -> set[str]:
    lines = (ROOT / "requirements" / requirements).read_text().splitlines()
    wanted = [re.match(r"[\w.-]+", line) for line in lines if not line.startswith("-")]
    return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in wanted if name}


def test_what_the_portal_imports_is_required() -> None:
    """By name, and not because a package brings it along: a newcomer's venv has what is written and no more."""
    owners = packages_distributions()
    required, of_a_bucket = _names("runtime.in"), _names("s3.in")
    unnamed = {
        name: sorted(owners[name])
        for path in SOURCES
        for name in _imported(ast.parse(path.read_text()))
        if name in owners
        and not {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners[name]}
        & (required | of_a_bucket if path.name == "bucket.py" else required)
    }
    # They are parts of pyHanko, which names their versions.
    assert not unnamed.keys() - {"asn1crypto", "pyhanko_certvalidator"}


def _imported(tree: ast.Module) -> set[str]:
    """Packages that are imported when the module runs; those for types only are not."""
    found: set[str] = set()
    for node in [node for top in tree.body if not isinstance(top, ast.If) for node in ast.walk(top)]:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found
