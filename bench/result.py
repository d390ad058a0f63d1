"""What a measurement gives, and how it is printed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Result:
    """One measured value. `ratio` is 1 where a target is just met, and above 1 where it is missed."""

    name: str
    value: float
    unit: str
    against: float | None = None
    """What it is held against, in the same unit."""
    ratio: float | None = None
    peers: str = ""
    """What comparable portals reach, as published with the targets."""

    def beside(self, peers: str) -> "Result":
        """The same, with the peers' figures beside it."""
        return replace(self, peers=peers)

    @property
    def missed(self) -> bool:
        """Whether it has a target and does not meet it."""
        return self.ratio is not None and self.ratio > 1


def at_most(name: str, value: float, unit: str, target: float) -> Result:
    """A value that is to be small: at most `target`."""
    return Result(name, rounded(value), unit, rounded(target), round(value / target, 2))


def at_least(name: str, value: float, unit: str, target: float) -> Result:
    """A value that is to be great: at least `target`."""
    return Result(name, rounded(value), unit, rounded(target), round(target / max(value, 1e-9), 2))


def told(name: str, value: float, unit: str) -> Result:
    """A value without a target."""
    return Result(name, rounded(value), unit)


def rounded(value: float) -> float:
    """Three figures, more where there are more before the point."""
    return round(value) if abs(value) >= 100 else float(f"{value:.3g}")


def table(results: Iterable[Result]) -> str:
    """The results as people read them; a missed target is called missed."""
    lines = [f"{'what':66}{'value':>9} {'unit':8}{'against':>9}{'ratio':>7}"]
    for result in results:
        against = "" if result.against is None else f"{result.against:g}"
        ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
        missed = "  missed" if result.missed else ""
        line = f"{result.name:66}{result.value:>9g} {result.unit:8}{against:>9}{ratio:>7}{missed}"
        lines.append((line + (f"  ({result.peers})" if result.peers else "")).rstrip())
    return "\n".join(lines)
