"""`{% kept %}`: a part of a page that is the same for everybody is made once."""

from typing import Any

from django import template
from django.template.base import Node, NodeList, Parser, Token
from django.template.loader_tags import BlockNode
from django.utils.translation import get_language

register = template.Library()

MOST = 64
"""Forms of one part that are kept: languages, times the values of its names."""


class Kept(Node):
    """See `kept`."""

    def __init__(self, nodelist: NodeList, names: list[str]) -> None:
        self.nodelist = nodelist
        self.names = names
        self.forms: dict[tuple[Any, ...], str] = {}

    def render(self, context: template.Context) -> str:
        """The part, made once for each language and each value of its names."""
        values = {name: context.get(name) for name in self.names}
        form = (get_language(), *values.values())
        if form in self.forms:
            return self.forms[form]
        alone = template.Context(values)
        with alone.bind_template(context.template):  # type: ignore[arg-type] # there is one while it is rendered
            made = self.nodelist.render(alone)
        if len(self.forms) < MOST:
            self.forms[form] = made
        return made


@register.tag
def kept(parser: Parser, token: Token) -> Kept:
    """`{% kept side %}…{% endkept %}`: the part depends on the language and on the names given, and on nothing else.

    It sees no other name, so nothing of one person can be shown to another; a form with its CSRF token and a
    `{% block %}` have no place in it (the latter is refused).
    """
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    if nodelist.get_nodes_by_type(BlockNode):
        raise template.TemplateSyntaxError("a part that is kept cannot hold a block")
    return Kept(nodelist, token.split_contents()[1:])
