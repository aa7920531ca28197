"""The one worker process: its loops and actors, until SIGTERM or until one of them dies."""

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from dramatiq import Worker

from application.eventstore.database import DatabaseUnavailable
from application.settings import read_settings
from application.system import open_system
from projections.heartbeat import Heartbeat, beat
from workers.broker import open_broker
from workers.works import Works, nowhere, put_together

POLL_SECONDS = 0.5
BEAT_SECONDS = 5.0
AGAIN_SECONDS = 1.0
STOP_SECONDS = 3.0
ACTOR_STOP_MS = 4_000
ACTOR_THREADS = 4
ACTOR_POLL_MS = 100

log = logging.getLogger("workers")


@dataclass(slots=True, kw_only=True)
class _Loop:
    """A step that is taken again and again in a thread of its own."""

    name: str
    step: Callable[[], int]
    works: Works
    stopping: threading.Event
    beaten_at: float = 0.0
    thread: threading.Thread = field(init=False)

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                done = self.step()
                self._beat()
            except DatabaseUnavailable:
                log.warning("%s: the database is not there, trying again", self.name)
                self.stopping.wait(AGAIN_SECONDS)
                continue
            if not done:
                self.stopping.wait(POLL_SECONDS)

    def _beat(self) -> None:
        """A loop that finds nothing to do is alive too; every few seconds it says so."""
        if time.monotonic() - self.beaten_at < BEAT_SECONDS:
            return
        with self.works.system.database.transaction() as tx:
            beat(tx, Heartbeat(loop=self.name, completed_at=self.works.system.now()))
        self.beaten_at = time.monotonic()


def main(*, at: Callable[[str], None] = nowhere) -> int:
    """Run until told to stop (0), or until a part dies (1): whoever started this starts it again.

    `at` is told of each point between two effects, where a test may crash.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # These would write addresses of recipients into the log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    settings = read_settings()
    works = put_together(open_system(settings), broker=open_broker(redis_url=settings.redis_url), at=at)
    return _run(works, stopping=stopping)


def _run(works: Works, *, stopping: threading.Event) -> int:
    worker = Worker(works.broker, worker_threads=ACTOR_THREADS, worker_timeout=ACTOR_POLL_MS)
    worker.start()
    steps = {
        "runner": works.runner.step,
        "relay": works.relay.step,
        "sweep": works.sweep.step,
        "fanout": works.fan_out,
    }
    loops = [_Loop(name=n, step=s, works=works, stopping=stopping) for n, s in steps.items()]
    for loop in loops:
        loop.start()
    log.info("the watch is on")
    dead: list[str] = []
    while not dead and not stopping.wait(POLL_SECONDS):
        dead = [loop.name for loop in loops if not loop.thread.is_alive()]
        dead += ["actors" for thread in worker.workers if not thread.is_alive()]
    stopping.set()
    if dead:
        log.error("%s died", ", ".join(dead))
    deadline = time.monotonic() + STOP_SECONDS
    for loop in loops:
        loop.thread.join(timeout=max(0.0, deadline - time.monotonic()))
    worker.stop(timeout=ACTOR_STOP_MS)
    log.info("the watch is off")
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main())
