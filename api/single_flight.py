"""One answer for all who ask the same at once: the first works it out, the others wait for it."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class SingleFlight(Generic[Answer]):
    """Works out an answer once for all who ask while that is going on, each in a thread of its own.

    Nothing is kept: who asks when nobody is at work gets an answer of that moment.
    """

    def __init__(self, work_out: Callable[[], Answer]) -> None:
        self._work_out = work_out
        self._guard = Lock()
        self._flight: Future[Answer] | None = None

    def __call__(self, *, wait_seconds: float) -> Answer:
        """Give the answer. Raises what went wrong in it, or TimeoutError for another's that takes longer."""
        with self._guard:
            theirs = self._flight
            mine: Future[Answer] = Future()
            if theirs is None:
                self._flight = mine
        if theirs is not None:
            return theirs.result(timeout=wait_seconds)
        try:
            mine.set_result(self._work_out())
        except BaseException as error:
            mine.set_exception(error)
            raise
        finally:
            with self._guard:
                self._flight = None
        return mine.result()
