"""The worker process of which a part hangs: `python -m tests.faults.hanging_worker POINT FILE`.

Once the file is there, whoever comes to a point between two effects whose name begins so stays there for
ever, while everything else lives.
"""

import sys
import threading
from pathlib import Path

from workers.__main__ import main


def hanging(point: str, sign: Path) -> int:
    """Run, and hang when the sign is given."""
    never = threading.Event()

    def at(reached: str) -> None:
        if reached.startswith(point) and sign.exists():
            never.wait()

    return main(at=at)


if __name__ == "__main__":
    sys.exit(hanging(sys.argv[1], Path(sys.argv[2])))
