"""Merges two files and takes that back, again and again, until it is killed: says `ready`, then a word each.

`python -m tests.faults.mortal_merger OTHER KEPT`, with the data directory in the environment.
"""

import os
import sys
from uuid import UUID

from application.access import SYSTEM
from tests.faults.test_killed_workers import opened

SAID = {"reason": "重复建档", "approved_by": "王校长"}


def main(other: UUID, kept: UUID) -> None:
    with opened(dict(os.environ)) as system:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            system.merges.merge(other, into=kept, actor=SYSTEM, **SAID)
            system.merges.undo(other, actor=SYSTEM, **SAID)


if __name__ == "__main__":
    main(*map(UUID, sys.argv[1:]))
