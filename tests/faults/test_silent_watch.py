"""The watch stops, as a whole or in one part: an outside monitor that waits for pings notices in two of them.

The monitor is a real HTTP server, the watch a real worker process; the interval is two seconds.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from tests.faults.test_killed_workers import opened, worker
from tests.support.databases import fresh_postgres, fresh_redis
from tests.support.world import eventually
from tests.workers.sink import Sink, running_sink

INTERVAL = 2.0
# From the fault to the last effect of what was on its way then, on a busy machine.
ON_ITS_WAY = 2.0
# The kill is of the whole process; the others are parts of it that hang.
FAULTS = ("killed", "sweep", "relay", "deliver")


@dataclass(kw_only=True)
class Watched:
    """A worker process with its own database and its own monitor."""

    fault: str
    sink: Sink
    process: "Popen[bytes]"
    sign: Path
    struck_at: float = 0.0

    def strike(self) -> None:
        self.struck_at = time.monotonic()
        self.process.kill() if self.fault == "killed" else self.sign.touch()

    @property
    def noticed_at(self) -> float:
        """When two intervals will have gone by without a ping, as the monitor sees it."""
        return self.sink.got_at[-1] + 2 * INTERVAL


@contextmanager
def watched(folder: Path, fault: str, more: Mapping[str, str]) -> Iterator[Watched]:
    folder.mkdir()
    with running_sink() as sink:
        environ = {
            "CARELEDGER_DATA_DIR": str(folder),
            "CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1",
            "CARELEDGER_PING_URL": sink.url,
            "CARELEDGER_PING_SECONDS": str(int(INTERVAL)),
            **more,
        }
        words = ("tests.faults.hanging_worker", fault, str(folder / "sign"))
        with opened(environ), worker(environ, *words, log=folder / "log") as process:
            yield Watched(fault=fault, sink=sink, process=process, sign=folder / "sign")


def servers(stack: ExitStack, request: pytest.FixtureRequest, number: int) -> dict[str, str]:
    """A PostgreSQL database for the events and a Redis database, fresh ones for each worker."""
    postgres = stack.enter_context(fresh_postgres(request.getfixturevalue("postgres_url")))
    redis = stack.enter_context(fresh_redis(request.getfixturevalue("redis_url"), number=number))
    return {"CARELEDGER_DATABASE_URL": postgres, "CARELEDGER_REDIS_URL": redis}


@pytest.mark.parametrize("production", [False, pytest.param(True, marks=pytest.mark.slow(seconds=20))])
def test_whatever_stops_the_monitor_hears_nothing_any_more(
    *, production: bool, tmp_path: Path, request: pytest.FixtureRequest, record_property: Any
) -> None:
    with ExitStack() as stack:
        places = [servers(stack, request, n + 1) if production else {} for n, _ in enumerate(FAULTS)]
        every = [
            stack.enter_context(watched(tmp_path / fault, fault, more))
            for fault, more in zip(FAULTS, places, strict=True)
        ]
        eventually(lambda: all(len(each.sink.got_at) >= 3 for each in every), seconds=60)

        for each in every:
            each.strike()
        eventually(lambda: time.monotonic() > max(each.noticed_at for each in every), seconds=30)

        for each in every:
            took = each.noticed_at - each.struck_at
            record_property(each.fault, round(took, 2))
            assert took <= 2 * INTERVAL + ON_ITS_WAY, each.fault
            # Whatever hangs, the rest of the process lives: nothing else would have told.
            assert (each.process.poll() is None) is (each.fault != "killed"), each.fault
