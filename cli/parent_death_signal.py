"""Run as a module: ask to be ended with the parent, then turn into the given program.

A process of its own: what a child must do between its birth and its program is not safe to do in a fork
of Python.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(parent: int, program: list[str]) -> None:
    """Tie this process to its parent and become the program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent ended before the program began")
    os.execv(program[0], program)  # noqa: S606  the program is one of ours


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
