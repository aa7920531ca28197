"""Receivers whose answers drip without end: they hold up one another, and nobody else.

Sinks are real servers; relay, sweep and senders are those of a worker, in threads of this process.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from application.settings import read_settings
from application.system import System, migrate_system, open_system
from projections import tables
from projections.outbox.deliveries import UNKNOWN
from tests.faults.test_hanging_channel import CROWDED, OTHER, silent, told
from tests.faults.test_killed_workers import opened, worker
from tests.support.world import eventually
from tests.workers.sink import running_sink
from workers import sender
from workers.__main__ import POOLS
from workers.broker import open_broker
from workers.composition import compose
from workers.loop import Loop
from workers.sender import SLOW_THREADS, THREADS_A_CHANNEL

CALL_SECONDS = 0.6
SURROUNDINGS = {"CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1", "CARELEDGER_UNWATCHED": "1"}


@pytest.mark.parametrize("manner", ["drips_headers", "drips_body"])
def test_eight_that_drip_delay_another_by_one_call_at_most(manner: str, tmp_path: Path) -> None:
    with running_sink() as bad, running_sink() as good, watching(tmp_path) as system:
        bad.manner = manner
        drippers = [told(system, CROWDED, channel="webhook", address=bad.url) for _ in range(8)]
        told(system, OTHER, channel="webhook", address=good.url)
        silent(system, CROWDED, days=70)
        eventually(lambda: bad.dripping == THREADS_A_CHANNEL, seconds=20)

        silent(system, OTHER, days=70)
        began = time.monotonic()
        eventually(lambda: bool(good.posted), seconds=20)

        assert time.monotonic() - began < CALL_SECONDS + 3
        eventually(lambda: all(given_up(system, each) for each in drippers), seconds=20)


def test_who_was_slow_leaves_threads_to_who_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "SLOW_SECONDS", CALL_SECONDS / 2)
    with running_sink() as bad, running_sink() as good, watching(tmp_path) as system:
        bad.manner = "drips_body"
        drippers = [told(system, CROWDED, channel="webhook", address=bad.url) for _ in range(12)]
        told(system, OTHER, channel="webhook", address=good.url)
        silent(system, CROWDED, days=70)
        eventually(lambda: all(given_up(system, each) for each in drippers), seconds=30)
        eventually(lambda: bad.dripping == 0, seconds=5)

        silent(system, f"{CROWDED}/5", days=70)
        eventually(lambda: bad.dripping > 0, seconds=20)
        silent(system, OTHER, days=70)
        most, began = 0, time.monotonic()
        while not good.posted and time.monotonic() - began < 20:
            most = max(most, bad.dripping)
            time.sleep(0.01)

        assert good.posted
        assert 0 < most <= SLOW_THREADS


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("manner", ["drips_headers", "drips_body"])
@pytest.mark.parametrize("drippers", [8, 64])
def test_a_worker_tells_a_healthy_receiver_within_twenty_seconds(
    manner: str, drippers: int, tmp_path: Path
) -> None:
    environ = SURROUNDINGS | {"CARELEDGER_DATA_DIR": str(tmp_path)}
    with running_sink() as bad, running_sink() as good, opened(environ) as system:
        bad.manner = manner
        for _ in range(drippers):
            told(system, CROWDED, channel="webhook", address=bad.url)
        told(system, OTHER, channel="webhook", address=good.url)
        silent(system, CROWDED, days=70)
        with worker(environ, "tests.faults.mortal_worker", "none", "0", log=tmp_path / "log"):
            eventually(lambda: bad.dripping == THREADS_A_CHANNEL, seconds=60)
            # Past the first round, in which nobody knows yet who hangs.
            eventually(lambda: len(bad.posted) >= drippers, seconds=150)

            silent(system, OTHER, days=70)
            began = time.monotonic()
            eventually(lambda: bool(good.posted), seconds=60)

            assert time.monotonic() - began < 20


def given_up(system: System, recipient: UUID) -> bool:
    """Return whether a call to a recipient has ended for its time was over."""
    rows = system.database.all("SELECT * FROM delivery WHERE recipient_id = :recipient", recipient=recipient)
    return any((row["state"], row["last_reason"]) == (UNKNOWN, "timeout") for row in rows)


@contextmanager
def watching(folder: Path) -> Iterator[System]:
    """Open a system with the watch on, whose calls are short."""
    environ = SURROUNDINGS | {"CARELEDGER_DATA_DIR": str(folder)}
    settings = replace(read_settings(environ), webhook_timeout_seconds=CALL_SECONDS)
    migrate_system(settings, ddl=tables.DDL)
    system = open_system(settings)
    watch = compose(system, broker=open_broker(redis_url=None))
    stopping = threading.Event()
    loops = [
        Loop(
            name=name,
            step=watch.steps[name],
            heartbeats=watch.heartbeats,
            stopping=stopping,
            pause_seconds=0.1,
        )
        for name in ("presence", "relay", "sweep")
    ]
    pool = POOLS["alerts"].started(watch.broker)
    for loop in loops:
        loop.start()
    try:
        yield system
    finally:
        stopping.set()
        watch.sender.stopping.set()
        pool.stop(timeout=10_000)
        for loop in loops:
            loop.thread.join()
        system.close()
