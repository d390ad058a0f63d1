"""`make bench`: measures, prints a table, writes `bench/results.json`; `python -m bench.run 2 3` measures some rows.

A target that is missed is printed as missed (docs of each row: `bench/README.md`).
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bench import calls, consultation, first_page, growth, peers, prescription, tokens, waiting_room, weak_line
from bench.result import Result, table

RESULTS = Path(__file__).parent / "results.json"

ROWS: dict[str, list[Callable[[], list[Result]]]] = {
    "1": [consultation.embedded, consultation.production, consultation.second_start],
    "2": [tokens.measure],
    "3": [waiting_room.measure],
    "4": [calls.measure],
    "5": [prescription.measure],
    "6": [growth.measure],
    "7": [first_page.measure],
    "8": [weak_line.measure],
    "P": [peers.measure],
}
"""What measures each row of the targets; P is the peers' table."""


def main(rows: list[str]) -> int:
    """Measure the rows that are named, or all; print, write."""
    unknown = [row for row in rows if row not in ROWS]
    if unknown:
        print(f"no such row: {' '.join(unknown)}; there are {' '.join(ROWS)}", file=sys.stderr)
        return 2
    results: list[Result] = []
    for row in rows or ROWS:
        for measure in ROWS[row]:
            found = measure()
            print(table(found), end="\n\n", flush=True)
            results += found
    RESULTS.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
