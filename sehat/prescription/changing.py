"""What the buttons among the medicines do to the paper: add, change, remove a line; add and drop a step of a taper."""

from collections.abc import Callable, Mapping, Sequence

from sehat.prescription.lines import Line
from sehat.prescription.paper import Paper
from sehat.prescription.rules import MAX_LINES


def change(paper: Paper, pressed: Mapping[str, str], *, last: Callable[[], Sequence[Line]] = tuple) -> bool:
    """Do what the button that was pressed says; no button is *Add medicine*. False: faults stand in the line being
    written. `last` finds the lines of the last prescription, for *Copy*.
    """
    paper.focus = "medicine"
    if "copy" in pressed:
        return _copy(paper, pressed["copy"], last())
    for verb, act in (("change", _take_up), ("remove", _remove), ("step", _add_step), ("unstep", _drop_step)):
        if verb in pressed:
            place = pressed[verb]
            return not place.isdecimal() or len(place) > 3 or act(paper, int(place))
    return paper.add_entry()


def _copy(paper: Paper, which: str, lines: Sequence[Line]) -> bool:
    """Take one line of the last prescription, or `all`; one that stands already is not taken twice."""
    wanted = lines if which == "all" else [line for at, line in enumerate(lines) if str(at) == which]
    there = {row.kept for row in paper.rows}
    for line in wanted:
        if line.kept not in there and len(paper.rows) < MAX_LINES:
            line.is_valid()
            paper.rows.append(line)
    return True


def _take_up(paper: Paper, place: int) -> bool:
    """Write a line anew; the one being written is added first."""
    if place >= len(paper.rows):
        return True  # pressed twice: the line is gone
    if not paper.entry.is_blank and not paper.add_entry():
        return False
    line = paper.rows.pop(place)
    paper.entry = Line(line.data, line.then)
    return True


def _remove(paper: Paper, place: int) -> bool:
    if place < len(paper.rows):
        del paper.rows[place]
    return True


def _add_step(paper: Paper, _place: int) -> bool:
    paper.entry = Line(paper.entry.data, [*paper.entry.then, ("", "", "")])
    paper.focus = f"dose-{len(paper.entry.then)}"
    return True


def _drop_step(paper: Paper, place: int) -> bool:
    """Takes a further step away, counted from 1."""
    kept = [step for at, step in enumerate(paper.entry.then, start=1) if at != place]
    paper.entry = Line(paper.entry.data, kept)
    paper.focus = f"dose-{len(kept)}" if kept else "dose"
    return True
