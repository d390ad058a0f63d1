"""What a process counts of its sockets, in the loop; the pulse carries it to the database."""

from collections import Counter
from enum import StrEnum


class Drop(StrEnum):
    """Why the portal ended a socket."""

    TOO_SLOW = "too_slow"  # messages piled up before it
    STUCK = "stuck"  # nothing could be written to it
    TOO_MUCH = "too_much"  # said too many things
    TOO_BIG = "too_big"  # said too big a thing
    GARBAGE = "garbage"  # said what nobody understands


class Counts:
    """Sockets open now, and sockets dropped since they were last taken."""

    def __init__(self) -> None:
        self.sockets = 0
        self.dropped: Counter[Drop] = Counter()

    def take_dropped(self) -> Counter[Drop]:
        """The drops not yet told to the database; from now on they count as told."""
        taken, self.dropped = self.dropped, Counter()
        return taken


counts = Counts()
