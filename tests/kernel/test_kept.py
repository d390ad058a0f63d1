"""Parts of pages that are made once, and what they may not see."""

import pytest
from django.template import Context, Engine, Template, TemplateSyntaxError
from django.utils import translation

ENGINE = Engine(
    libraries={"kept": "sehat.kernel.templatetags.kept", "i18n": "django.templatetags.i18n"},
    builtins=["django.template.defaulttags", "django.template.loader_tags", "django.template.defaultfilters"],
)


PAGES: dict[str, Template] = {}


def page(source: str, **names: object) -> str:
    return PAGES.setdefault(source, ENGINE.from_string("{% load kept i18n %}" + source)).render(Context(names))


def test_a_kept_part_sees_only_what_it_names() -> None:
    source = "{{ patient }}: {% kept side %}{{ side }} {{ patient }}{% endkept %}"
    assert page(source, side="left", patient="Asha") == "Asha: left "
    assert page(source, side="left", patient="Meera") == "Meera: left "
    assert page(source, side="right", patient="Meera") == "Meera: right "


def test_it_is_made_once_for_each_form() -> None:
    made: list[str] = []

    class Counted(str):
        def __str__(self) -> str:
            made.append("once")
            return "x"

    source = "{% kept word %}{{ word }}{% endkept %}"
    word = Counted("word")
    assert page(source, word=word) == page(source, word=word)
    assert made == ["once"]


def test_each_language_has_its_own() -> None:
    source = '{% kept %}{% translate "Yes" %}{% endkept %}'
    assert page(source) == "Yes"
    with translation.override("hi"):
        assert page(source) != "Yes"
    assert page(source) == "Yes"


def test_what_it_says_is_escaped_once() -> None:
    source = "{% kept word %}{{ word }}{% endkept %}"
    assert page(source, word="<b>") == page(source, word="<b>") == "&lt;b&gt;"


def test_a_block_has_no_place_in_it() -> None:
    with pytest.raises(TemplateSyntaxError):
        page("{% kept %}{% block inside %}{% endblock %}{% endkept %}")
