"""Where the tests keep their databases and files: in memory, where the machine has a file system there."""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ENOUGH_BYTES = 4 << 30


def use_memory() -> None:
    """Let temp folders of this process and of those it starts lie in memory.

    Commits still ask for the disk, as the product demands; it answers at once. A process that is killed
    leaves what it wrote either way. TMPDIR, where it is set, stands.
    """
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return
    if shutil.disk_usage(_MEMORY).free < _ENOUGH_BYTES:
        return
    os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
