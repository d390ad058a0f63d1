"""`sehat staff reset-code`: the operator forgives a lost telephone."""

import pytest

from sehat import cli
from sehat.accounts import queries
from sehat.accounts.models import Staff
from sehat.audit.models import Entry
from tests.accounts.app import App


def test_the_code_is_gone_and_audited(rao: Staff, raos_app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["staff", "reset-code", "rao"]) == 0
    assert "rao logs in by password alone now" in capsys.readouterr().out
    assert not queries.has_second_factor(rao)
    assert Entry.objects.get(action="second_factor.take_away").actor == "portal"


@pytest.mark.parametrize(("username", "told"), [("rao", "rao has no code at login."), ("nobody", "Nobody has the")])
def test_there_is_nothing_to_take(rao: Staff, username: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["staff", "reset-code", username]) == 1
    assert told in capsys.readouterr().err
