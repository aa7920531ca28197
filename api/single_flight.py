"""One answer for all who ask the same at once, within a time: it is worked out beside them."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Generic, TypeVar, cast

Answer = TypeVar("Answer")


class SingleFlight(Generic[Answer]):
    """Works out an answer once for all who ask while that is going on, in a thread beside theirs.

    Nothing is kept: who asks when it is not being worked out gets an answer of that moment. However long it
    hangs, one thread at most does.
    """

    def __init__(self, work_out: Callable[[], Answer]) -> None:
        self._work_out = work_out
        self._guard = Lock()
        self._flight: Future[Answer] | None = None

    def __call__(self, *, wait_seconds: float) -> Answer:
        """Return the answer. Raises what went wrong in it, or TimeoutError where it takes longer."""
        with self._guard:
            flight = self._flight
            if flight is None:
                flight = self._flight = Future()
                Thread(target=self._fly, args=(flight,), name="single-flight", daemon=True).start()
        return flight.result(timeout=wait_seconds)

    def _fly(self, flight: Future[Answer]) -> None:
        answer, error = None, None
        try:
            answer = self._work_out()
        except BaseException as raised:  # noqa: BLE001  # whoever waits is told
            error = raised
        with self._guard:
            self._flight = None
        if error is None:
            flight.set_result(cast("Answer", answer))
        else:
            flight.set_exception(error)
