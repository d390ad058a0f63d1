"""Doors to papers of every kind."""

from collections.abc import Collection

from django.apps import apps

from sehat.papers.models import Paper
from sehat.papers.rules import Kind, read_number


def _models() -> list[type[Paper]]:
    return [model for model in apps.get_models() if issubclass(model, Paper)]


def by_number(text: str) -> Paper | None:
    """The paper of a number, however it was typed."""
    number = read_number(text)
    if number is None:
        return None
    kind = Kind(number[:2])
    for model in _models():
        if kind in model.KINDS:
            return model._default_manager.filter(number=number).first()
    return None


def by_hash(sha256: str) -> Paper | None:
    """The paper whose PDF has this hash, in hex."""
    for model in _models():
        if found := model._default_manager.filter(sha256=sha256).first():
            return found
    return None


def of_consultations(keys: Collection[int]) -> dict[int, list[Paper]]:
    """The papers of several consultations, of every kind, by the consultation's key; one query for each kind."""
    found: dict[int, list[Paper]] = {}
    for model in _models() if keys else ():
        for paper in model._default_manager.filter(consultation__in=keys).order_by("id"):
            found.setdefault(paper.consultation_id, []).append(paper)
    return found
