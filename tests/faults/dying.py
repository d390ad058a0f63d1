"""A process that dies by SIGKILL after its n-th statement, as a power cut would have it."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

MOST_STATEMENTS = 200

# The tests' own process has threads (of hypothesis, of pools) that a fork does not take along; the child uses
# none of them.
quiet_fork = pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")


class _Countdown:
    def __init__(self, statements: int) -> None:
        self.left = statements

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


def _forget_threads() -> None:
    """The pools of the parent whose threads are not here: Apprise would hand its work to nobody, and wait."""
    if "apprise.apprise" in sys.modules:
        apprise: Any = sys.modules["apprise.apprise"]
        apprise._shared_executor = apprise._coordinator_executor = None


def dies_after(statements: int, deed: Callable[[], object]) -> bool:
    """Do the deed in a process of its own that is killed after so many statements; False where it came to its end.

    Raises where the deed failed by itself.
    """
    connections.close_all()
    if connections["default"].vendor == "postgresql":
        connections["default"].close_pool()  # type: ignore[attr-defined] # or parent and child would talk through one socket
    child = os.fork()
    if child == 0:
        try:
            _forget_threads()
            with connections["default"].execute_wrapper(_Countdown(statements)):
                deed()
        except BaseException:  # noqa: BLE001 told, and the child must not go on as a second pytest
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the deed failed; its traceback is above"
    return False


def every_death(deed: Callable[[], object], look: Callable[[], object]) -> int:
    """Let the deed die after statement 1, 2, 3 … and look after each death, until it comes to its end."""
    for statements in range(1, MOST_STATEMENTS):
        if not dies_after(statements, deed):
            return statements
        look()
    raise AssertionError("the deed never came to its end")
