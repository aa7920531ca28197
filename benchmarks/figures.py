"""What was measured, beside what it should be."""

import json
import statistics
from pathlib import Path

from benchmarks.rounds import Rounds

RESULTS = Path(__file__).parent / "results.json"

# Name: the value that it should not fall below, or not rise above.
AT_LEAST = {
    "save": 0.55,
    "save_4_processes": 0.50,
    "save_sqlite": 0.55,
    "use_case": 0.40,
    "use_case_4_processes": 0.38,
    "batch_100": 0.50,
    "activity_300": 8.0,
    "catch_up": 20.0,
    "http_single": 0.25,
    "http_batch_500": 9.0,
    "http_ndjson": 1.0,
    "million_same_child": 0.85,
    "million_random_children": 0.85,
}
AT_MOST = {
    "replay_100": 3.5,
    "replay_2000": 3.5,
    "list_children": 3.0,
    "list_states": 3.0,
    "list_timeline": 3.0,
    "recompute": 2.0,
    "sweep_100000": 2.0,
    "count_organisations": 3.0,
    "count_pairing_coverage": 3.0,
    "search_100000": 5.0,
    "register": 3.0,
    "memory_idle_mb": 350.0,
    "memory_rebuild_mb": 500.0,
    "import_roster_mb": 150.0,
    "import_care_log_mb": 150.0,
}


class Report:
    """The figures of one run, shown as they come and kept in `results.json`."""

    def __init__(self) -> None:
        self._figures: dict[str, dict[str, object]] = {}

    def add(self, name: str, value: float, *, rounds: int) -> None:
        """Take a figure in. What has no floor is only told."""
        floor = AT_LEAST.get(name, AT_MOST.get(name))
        direction = "max" if name in AT_MOST else "min"
        self._figures[name] = {
            "ratio": round(value, 3),
            "floor": floor,
            "direction": direction,
            "rounds": rounds,
        }
        bound = "" if floor is None else f"{'at most' if name in AT_MOST else 'at least'} {floor:g}"
        missed = floor is not None and (value > floor if name in AT_MOST else value < floor)
        print(f"{name:28} {value:9.3f}   {bound:16} {'FALLS SHORT' if missed else ''}".rstrip(), flush=True)

    def rates(self, title: str, rounds: Rounds, *, units: int) -> None:
        """Show how many units a second each work did: only to be compared with one another."""
        each = ", ".join(f"{name} {units / statistics.median(s):.0f}/s" for name, s in rounds.items())
        print(f"{title}: {each}", flush=True)

    def keep(self) -> None:
        """Write the figures down, beside those of other groups that were measured before."""
        known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        RESULTS.write_text(json.dumps(known | self._figures, indent=2, sort_keys=True) + "\n")
