"""The worker process that stops for ever at a point: `python -m tests.faults.stuck_worker POINT`.

Whatever named lock it holds there it keeps, until somebody kills it.
"""

import sys
import threading

from workers.__main__ import main


def stuck(point: str) -> int:
    """Run until the point is reached, and stay there."""

    def at(reached: str) -> None:
        if reached == point:
            sys.stderr.write(f"stuck at {point}\n")
            sys.stderr.flush()
            threading.Event().wait()

    return main(at=at)


if __name__ == "__main__":
    sys.exit(stuck(sys.argv[1]))
