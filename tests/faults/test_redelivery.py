"""A worker dies with work in its hands: another that stands idle takes it over within 1.5 times the lease.

The leases are those of the shipped program, so this takes minutes. Each trial has a database and a Redis
database of its own; trials run side by side, as both sides of each only wait.
"""

import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Thread

import pytest

from application.system import System
from projections.outbox.recomputing import outstanding, request_below
from tests.faults.test_killed_workers import SCHOOL, accepted, enrol, opened, somebody_to_tell, worker
from tests.support.databases import fresh_postgres, fresh_redis
from tests.support.servers import started_redis
from tests.support.world import eventually
from tests.workers.sink import running_sink
from workers.broker import HEARTBEAT_MS

TRIALS, AT_ONCE = 20, 5
LONGEST_SECONDS = 1.5 * HEARTBEAT_MS / 1000
# So many at once that both workers get some.
NOTICES, CHILDREN = 8, 200
MOST_ROUNDS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One death: of a process of `part`, at `point`, with a survivor beside it."""

    part: str
    point: str
    folder: Path
    postgres: str
    redis: str

    def seconds(self) -> float:
        """Run it; give how long after the death everything was done."""
        with ExitStack() as held:
            sink = held.enter_context(running_sink())
            environ = {
                "CARELEDGER_DATA_DIR": str(self.folder),
                "CARELEDGER_DATABASE_URL": held.enter_context(fresh_postgres(self.postgres)),
                "CARELEDGER_REDIS_URL": self.redis,
                "CARELEDGER_POOL_SIZE": "4",
                "CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1",
            }
            system = held.enter_context(opened(environ))
            somebody_to_tell(system, sink)
            if self.part == "records":
                enrol(system, range(CHILDREN))
            log = self.folder / "log"
            mortal = ("tests.faults.mortal_worker", self.point, "2", self.part)
            held.enter_context(worker(environ, "workers", "--part", self.part, log=log))
            dying = held.enter_context(worker(environ, *mortal, log=log))
            died_at: list[float] = []
            Thread(target=lambda: (dying.wait(), died_at.append(time.monotonic())), daemon=True).start()
            eventually(lambda: log.read_text().count("the watch is on") == 2, seconds=90)
            for number in range(MOST_ROUNDS):
                done = self.begun(system, number)
                eventually(lambda done=done: bool(died_at) or done(), seconds=90)
                if died_at:
                    break
            assert dying.returncode == -signal.SIGKILL
            assert not done(), "it had nothing in its hands"
            eventually(done, seconds=90)
            return time.monotonic() - died_at[0]

    def begun(self, system: System, number: int) -> Callable[[], bool]:
        """Give both workers something to do; return what tells whether it is done."""
        if self.part == "alerts":
            last = (number + 1) * NOTICES
            enrol(system, range(last - NOTICES, last))
            return lambda: accepted(system) == last
        with system.database.transaction() as tx:
            request_below(tx, org=SCHOOL, from_day=date.min, position=number + 1)
        return lambda: outstanding(system.database) == 0


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("part", "point"),
    [
        pytest.param("alerts", "deliver.claimed", id="a notice before it is sent"),
        pytest.param("alerts", "deliver.sent", id="a notice on its way"),
        pytest.param("records", "recompute.judged", id="children fetched but not judged"),
    ],
)
def test_the_work_of_a_killed_worker_is_taken_over(
    part: str, point: str, tmp_path: Path, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with started_redis() as server, ThreadPoolExecutor(AT_ONCE) as trials:

        def run(number: int) -> float:
            folder = tmp_path / str(number)
            folder.mkdir()
            with fresh_redis(server.url, number=number) as url:
                trial = Trial(part=part, point=point, folder=folder, postgres=postgres_url, redis=url)
                return trial.seconds()

        took = sorted(trials.map(run, range(1, TRIALS + 1)))
    with capsys.disabled():
        sys.stdout.write(f"\n{point}: {', '.join(f'{seconds:.1f}' for seconds in took)} s\n")
    assert took[-1] <= LONGEST_SECONDS
