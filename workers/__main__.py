"""A worker process: the whole watch or a part of it, until SIGTERM or until one of its threads dies.

`alerts` follows the log for what falls due, and sends; `records` keeps read models and verdicts.
"""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import FrameType, MappingProxyType

import dramatiq
from dramatiq import Worker

from application.eventstore.database import DatabaseUnavailable
from application.eventstore.migrations.migrate import NotMigrated, SchemaTooNew
from application.keys.ledger import WrongKeys
from application.reasons import PART_NEEDS_REDIS
from application.settings import Settings, read_settings
from application.system import System, open_system
from application.upkeep.processes import Membership, Processes
from domain.refusal import Reason
from projections import tables
from projections.outbox.heartbeat import PARTS
from workers.broker import RECOMPUTE, SERVE, open_broker
from workers.channel import channels
from workers.composition import Watch, compose, nowhere
from workers.loop import FIRST_PAUSE, LONGEST_PAUSE, POLL_SECONDS, Loop, jittered
from workers.sender import THREADS_A_CHANNEL
from workers.starting import REFUSED, inventory, objections

# Together less than a supervisor waits, in whatever state the process is.
STOP_SECONDS = 8.0
ACTOR_STOP_MS = 5_000
ACTOR_POLL_MS = 100
JUDGE_THREADS = 2
RECORDS_NICE = 5
# Between two rounds that find nothing to do; the others take POLL_SECONDS.
PAUSES: Mapping[str, float] = MappingProxyType({"presence": 1.0})

log = logging.getLogger("workers")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorPool:
    """The threads of one queue, of its own so that no other queue can hold it up.

    `prefetch` messages are in the process's hands at most; when it dies they wait for their next ring.
    """

    queue: str
    threads: int
    prefetch: int

    def started(self, broker: dramatiq.Broker) -> Worker:
        """Begin to work off the queue."""
        worker = Worker(
            broker, queues={self.queue}, worker_threads=self.threads, worker_timeout=ACTOR_POLL_MS
        )
        worker.queue_prefetch = self.prefetch
        worker.start()
        return worker


# Threads for every channel there is: those that one may have are never those of another.
SENDERS = THREADS_A_CHANNEL * len(channels())
# A send is slow: what one process can't send now is left to another. Judging is quick, fetching it is not.
POOLS: Mapping[str, ActorPool] = MappingProxyType(
    {
        "alerts": ActorPool(queue=SERVE, threads=SENDERS, prefetch=SENDERS),
        "records": ActorPool(queue=RECOMPUTE, threads=JUDGE_THREADS, prefetch=64),
    }
)


def main(*, part: str | None = None, at: Callable[[str], None] = nowhere) -> int:
    """Run until told to stop (0), or until a thread dies (1): the supervisor starts it again.

    It does not start (78) where an alert would reach nobody, where nobody would see the watch stop, or with
    keys that are not those of the log.
    `at` is called with the name of each point between two effects, where a test may crash.
    """
    stopping = _stop_on_signals()
    settings = read_settings()
    _configure_logging(settings.log_level)
    if part is not None and settings.redis_url is None:
        # A notification for the other part would reach no process.
        _refuse([PART_NEEDS_REDIS])
        return 2
    if part == "records":
        # On a machine that is full, alerts go first.
        os.nice(RECORDS_NICE)
    try:
        opened = _when_there(lambda: _composed(settings, part=part, at=at), stopping=stopping)
    except WrongKeys as wrong:
        _refuse([wrong.reason])
        return REFUSED
    except (NotMigrated, SchemaTooNew) as error:
        # The step that makes the tables may come any moment: the supervisor starts this again.
        log.error("not started: %s; `careledger migrate` comes first: %s", type(error).__name__, error)  # noqa: TRY400
        return 1
    except _Refused as refused:
        _refuse(refused.reasons)
        return REFUSED
    if opened is None:
        return 0
    return _run(opened, parts=[part] if part else list(PARTS), stopping=stopping)


def _configure_logging(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # These would write addresses of recipients into the log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    # It warns of two pools on one broker, which have a queue each.
    logging.getLogger("dramatiq.broker").setLevel(logging.ERROR)


def _stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopping


class _Refused(Exception):
    """Why the watch does not start."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """The watch of this process, and the list of processes that this one is to join."""

    watch: Watch
    processes: Processes


def _composed(settings: Settings, *, part: str | None, at: Callable[[str], None]) -> _Opened:
    with ExitStack() as undo:
        system = open_system(settings, ddl=tables.DDL)
        undo.callback(system.close)
        # The part that judges compliance notifies nobody, and may run unseen.
        against = [] if part == "records" else _objections(system)
        if against and not settings.unwatched:
            raise _Refused(against)
        policy, recipients = system.alerts.policy, system.organisations.recipients
        log.info("starting: %s", inventory(settings=settings, recipients=recipients, policy=policy))
        for reason in against:
            log.info("%s: started all the same, as CARELEDGER_UNWATCHED says", reason.code)
        watch = compose(system, broker=open_broker(redis_url=settings.redis_url), at=at)
        undo.pop_all()
        return _Opened(watch=watch, processes=system.processes)


def _objections(system: System) -> list[Reason]:
    recipients = system.organisations.recipients
    return objections(settings=system.settings, database=system.database, recipients=recipients)


def _when_there(begin: Callable[[], _Opened], *, stopping: threading.Event) -> _Opened | None:
    """Begin as soon as the database is there; None where the process was told to stop before.

    A server that starts, or a standby that is about to be promoted, is no mistake.
    """
    pause, logged = FIRST_PAUSE, False
    while not stopping.is_set():
        try:
            return begin()
        except DatabaseUnavailable as gone:
            if not logged:
                log.warning("not started yet, trying again until the database is there: %s", gone)
                logged = True
            stopping.wait(jittered(pause))
            pause = min(pause * 2, LONGEST_PAUSE)
    return None


def _refuse(reasons: Sequence[Reason]) -> None:
    for reason in reasons:
        sys.stderr.write(f"{reason.code}\n  {reason.zh}\n  {reason.en}\n")


def _run(opened: _Opened, *, parts: Sequence[str], stopping: threading.Event) -> int:
    watch = opened.watch
    pools = [POOLS[part].started(watch.broker) for part in parts]
    loops = [
        Loop(
            name=name,
            step=watch.steps[name],
            heartbeats=watch.heartbeats,
            stopping=stopping,
            pause_seconds=PAUSES.get(name, POLL_SECONDS),
        )
        for part in parts
        for name in PARTS[part]
    ]
    for loop in loops:
        loop.start()
    membership = opened.processes.join(f"worker: {', '.join(parts)}")
    log.info("the watch is on: %s", ", ".join(parts))
    dead: list[str] = []
    while not dead and not stopping.wait(POLL_SECONDS):
        dead = [loop.name for loop in loops if not loop.thread.is_alive()]
        dead += ["actors" for pool in pools for thread in pool.workers if not thread.is_alive()]
    stopping.set()
    watch.sender.stopping.set()
    if dead:
        log.error("%s died", ", ".join(dead))
    _end(watch, pools, loops, membership)
    log.info("the watch is off")
    return 1 if dead else 0


def _end(watch: Watch, pools: Sequence[Worker], loops: Sequence[Loop], membership: Membership) -> None:
    """Wait for what ends soon. The rest is cut off with the process: what it was at is done again."""

    def end() -> None:
        ending = [
            threading.Thread(target=c.stop, kwargs={"timeout": ACTOR_STOP_MS}, daemon=True) for c in pools
        ]
        for thread in ending:
            thread.start()
        for thread in (*ending, *(loop.thread for loop in loops)):
            thread.join()
        with suppress(DatabaseUnavailable):
            watch.presence.leave()
        membership.leave()

    orderly = threading.Thread(target=end, daemon=True)
    orderly.start()
    orderly.join(timeout=STOP_SECONDS)


def _part() -> str | None:
    parser = argparse.ArgumentParser(prog="workers")
    parser.add_argument("--part", choices=PARTS)
    part: str | None = parser.parse_args().part
    return part


if __name__ == "__main__":
    sys.exit(main(part=_part()))
