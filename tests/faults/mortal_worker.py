"""The worker process with a fate: `python -m tests.faults.mortal_worker POINT VISIT [PART]`.

It kills itself with SIGKILL at the given visit of a point between two effects.
"""

import os
import signal
import sys
import threading

from workers.__main__ import main


def fated(point: str, visit: int, part: str | None = None) -> int:
    """Run until the fate strikes."""
    left, guard = [visit], threading.Lock()

    def at(reached: str) -> None:
        if reached == point:
            with guard:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

    return main(part=part, at=at)


if __name__ == "__main__":
    sys.exit(fated(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
