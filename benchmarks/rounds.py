"""Measuring several ways in turn, so that what else the machine does falls on all of them alike."""

import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import Connection
from typing import Any

ROUNDS = 7
SECONDS_TO_ANSWER = 600.0

# What makes one round ready, and gives what is timed of it.
Work = Callable[[], Callable[[], object]]
Watch = Mapping[str, Work]
Rounds = Mapping[str, list[float]]


def interleaved(title: str, works: Watch, *, rounds: int = ROUNDS) -> Rounds:
    """Return the seconds that each work took in each round; the round before the first is for warming up."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        say(f"{title}: round {number} of {rounds}")
        for name, work in works.items():
            run = work()
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    say("")
    return {name: values[1:] for name, values in seconds.items()}


def ratio(rounds: Rounds, over: str, under: str) -> float:
    """Return the median of the quotients of each round: `over` seconds through `under` seconds."""
    return statistics.median(a / b for a, b in zip(rounds[over], rounds[under], strict=True))


def say(text: str) -> None:
    """Show how far it has come, on one line that is overwritten."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    elif text:
        print(text, file=sys.stderr, flush=True)


class Crew:
    """Processes that do the same work at the same time."""

    def __init__(self, members: list[Connection]) -> None:
        self._members = members

    def work(self, name: str) -> Work:
        """Return a work that all of them do at once, and that ends with the last."""

        def prepare() -> Callable[[], object]:
            self._tell(name)
            return lambda: self._tell("")

        return prepare

    def _tell(self, word: str) -> None:
        for member in self._members:
            member.send(word)
        for member in self._members:
            if not member.poll(SECONDS_TO_ANSWER):
                raise TimeoutError("a process of the crew does not answer")
            member.recv()


@contextmanager
def crew(count: int, works: Callable[..., AbstractContextManager[Watch]], *given: Any) -> Iterator[Crew]:
    """Start processes that each open their works with what is given, and end them after the block."""
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(count)]
    processes = [context.Process(target=_member, args=(far, works, given), daemon=True) for _, far in pairs]
    for process, (_, far) in zip(processes, pairs, strict=True):
        process.start()
        far.close()
    try:
        for near, _ in pairs:
            near.recv()
        yield Crew([near for near, _ in pairs])
    finally:
        for near, _ in pairs:
            near.close()
        for process in processes:
            process.join(timeout=20)
            process.kill()


def _member(
    channel: Connection, works: Callable[..., AbstractContextManager[Watch]], given: tuple[Any, ...]
) -> None:
    try:
        with works(*given) as known:
            channel.send(None)
            while True:
                run = known[channel.recv()]()
                channel.send(None)
                channel.recv()
                run()
                channel.send(None)
    except (EOFError, KeyboardInterrupt):
        # The other end is gone, or the whole run is being ended.
        return
