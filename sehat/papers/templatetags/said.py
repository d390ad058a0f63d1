"""What stands on a paper in both languages, in the reader's."""

from collections.abc import Mapping

from django import template
from django.utils.translation import get_language

from sehat.papers.said import Said

register = template.Library()


def in_hindi() -> bool:
    """Whether the reader reads Hindi."""
    return get_language() == "hi"


@register.filter
def said(words: Mapping[str, str]) -> str:
    """A pair `{english, hindi}` in the reader's language."""
    return (words["hindi"] if in_hindi() else "") or words["english"]


@register.filter
def spoken(words: Said) -> str:
    """A pair in the reader's language."""
    return words.hindi if in_hindi() else words.english
