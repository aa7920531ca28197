"""The command: `python -m benchmarks [--big] [group …]`."""

import argparse
import importlib

from benchmarks.figures import Report

GROUPS = (
    "saves",
    "batches",
    "groups",
    "replays",
    "models",
    "services",
    "watches",
    "memories",
    "pages",
    "lists",
    "imports",
)
# These take many minutes.
BIG = ("millions", "counts")


def main() -> None:
    """Measure, and keep what was measured also when it is broken off."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Ratios to the raw limit.")
    parser.add_argument("groups", nargs="*", help=f"of {', '.join((*GROUPS, *BIG))}")
    parser.add_argument("--big", action="store_true", help="also what takes many minutes")
    wanted = parser.parse_args()
    groups = wanted.groups or (*GROUPS, *(BIG if wanted.big else ()))
    if unknown := set(groups) - {*GROUPS, *BIG}:
        parser.error(f"no such group: {', '.join(sorted(unknown))}")
    report = Report()
    try:
        for group in groups:
            importlib.import_module(f"benchmarks.{group}").measure(report)
    except KeyboardInterrupt:
        print("broken off; what was measured is kept")
    finally:
        report.keep()


if __name__ == "__main__":
    main()
