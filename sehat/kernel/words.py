"""Words that Django itself says on our pages, and that its Hindi lacks or misspells.

Nothing asks for them here: being named, they are collected (`make messages`), and our catalogue goes before Django's.
"""

from django.utils.translation import gettext_noop, ngettext_lazy

CALENDAR = (gettext_noop("September"), gettext_noop("November"), gettext_noop("December"), gettext_noop("Thu"))

SIZES = (
    ngettext_lazy("%(size)d byte", "%(size)d bytes", "size"),
    gettext_noop("%s KB"),
    gettext_noop("%s MB"),
    gettext_noop("%s GB"),
)

SINCE = (
    ngettext_lazy("%(num)d year", "%(num)d years", "num"),
    ngettext_lazy("%(num)d month", "%(num)d months", "num"),
    ngettext_lazy("%(num)d week", "%(num)d weeks", "num"),
    ngettext_lazy("%(num)d day", "%(num)d days", "num"),
    ngettext_lazy("%(num)d hour", "%(num)d hours", "num"),
    ngettext_lazy("%(num)d minute", "%(num)d minutes", "num"),
)
