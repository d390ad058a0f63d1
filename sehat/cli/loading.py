"""Django, for the commands that need it."""


def load_django() -> None:
    """Read the settings and the rooms; a missing or malformed setting ends the command with one line."""
    import django

    django.setup()
