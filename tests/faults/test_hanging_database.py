"""PostgreSQL that hangs: its processes are there and do not move, and the kernel still takes what is sent."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import enumerate as threads

import pytest

from api import health
from application.eventstore.database import Database
from tests.api.support import api_world
from tests.support.servers import started_postgres
from tests.support.world import eventually


def test_readiness_has_a_verdict_while_the_database_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.5)
    with started_postgres() as server:
        urls = {"database_url": server.url, "keys_url": f"sqlite:///{tmp_path}/keys.db"}
        with api_world(tmp_path, **urls) as world:
            assert world.http.simulate_get("/readyz").status_code == 200
            with hanging(world.system.database):
                began = time.monotonic()
                told = [world.http.simulate_get("/readyz").status_code for _ in range(3)]
                seconds = time.monotonic() - began
                at_work = [thread.name for thread in threads()].count("single-flight")
            eventually(lambda: world.http.simulate_get("/readyz").status_code == 200, seconds=60)

    assert told == [503, 503, 503]
    assert seconds < 3 * 0.5 + 5
    assert at_work == 1


@contextmanager
def hanging(database: Database) -> Iterator[None]:
    """Stop the server's processes for the block; they are let go in any case."""
    ((folder,),) = database.tuples("SHOW data_directory")
    pids = [pid for (pid,) in database.tuples("SELECT pid FROM pg_stat_activity")]
    pids.append(int((Path(folder) / "postmaster.pid").read_text().split()[0]))
    with ExitStack() as undo:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
            undo.callback(os.kill, pid, signal.SIGCONT)
        yield
