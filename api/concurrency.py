"""How many requests may do at once what takes long, so that threads are left for all the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore


class ConcurrencyLimit:
    """A number of places that requests of this process may take."""

    def __init__(self, number: int) -> None:
        self._free = Semaphore(number)

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Take a place for the block; yields False where none is free, without waiting for one."""
        got = self._free.acquire(blocking=False)
        try:
            yield got
        finally:
            if got:
                self._free.release()


def uploads_of(threads: int) -> int:
    """Return how many uploads a process of so many threads takes at once: half of them."""
    return max(1, threads // 2)


def waiters_of(threads: int) -> int:
    """Return how many requests may wait for news at once: beside these and uploads a thread stays free."""
    return max(0, threads - uploads_of(threads) - 1)
