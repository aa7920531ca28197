"""Threads that all meet a type of event for the first time: without care, that is a segmentation fault."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = """
import sys, threading
from contextlib import suppress
from pathlib import Path
import msgspec
from application.settings import Settings
from application.intake.submission import Submission
from application.system import migrate_system, open_system
from domain.event import Metadata
from domain.catalogue import details_by_type
from domain.rules.rule import Rule

folder = Path(sys.argv[1])
settings = Settings(
    data_dir=folder, database_url=f"sqlite:///{folder}/care.db", keys_url=f"sqlite:///{folder}/keys.db"
)
migrate_system(settings)
open_system(settings).close()
sys.setswitchinterval(1e-6)

def meet(kind, barrier):
    barrier.wait()
    with suppress(msgspec.ValidationError):
        msgspec.convert({}, type=kind)

for kind in (*details_by_type().values(), Metadata, Submission, Rule):
    barrier = threading.Barrier(6)
    threads = [threading.Thread(target=meet, args=(kind, barrier)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_types_are_known_before_threads_meet_them(tmp_path: Path) -> None:
    met = subprocess.run([sys.executable, "-c", CODE, str(tmp_path)], cwd=ROOT, check=False, timeout=60)

    assert met.returncode == 0
