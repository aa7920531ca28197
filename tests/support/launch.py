"""Run as a script: become the given user, ask to die with the parent, then turn into the given program.

A script of its own, because the user that a server must run as may not be able to read the interpreter's
folder. Nothing here may import the project.
"""

import argparse
import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--signal", type=int, required=True)
    parser.add_argument("--uid", type=int)
    parser.add_argument("--gid", type=int)
    parser.add_argument("program", nargs="+")
    wanted = parser.parse_args()

    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if wanted.uid is not None:
        os.setgroups([])
        os.setgid(wanted.gid)
        os.setuid(wanted.uid)
    # After the change of user, which would clear it.
    if libc is not None:
        libc.prctl(_PR_SET_PDEATHSIG, wanted.signal, 0, 0, 0)
    if os.getppid() != wanted.parent:
        sys.exit("the parent ended before the server began")
    # The watch of a test starts without recipients and a monitor, unless the test says otherwise.
    os.environ.setdefault("CARELEDGER_UNWATCHED", "1")
    os.execv(wanted.program[0], wanted.program)


if __name__ == "__main__":
    main()
