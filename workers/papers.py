"""Papers that came over HTTP, worked off beside the loops: no loop may be silent for as long as one takes."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from application.eventstore.database import DatabaseUnavailable

log = logging.getLogger("workers")


@dataclass(slots=True, kw_only=True)
class PaperWork:
    """Works papers off in a thread of its own, as long as there is one.

    What a process that ends was at is taken up by another one.
    """

    due: Callable[[], bool]
    work: Callable[[], int]
    _thread: threading.Thread | None = field(init=False, default=None)

    def step(self) -> int:
        """Begin where something is due and nothing is being worked off."""
        at_work = self._thread is not None and self._thread.is_alive()
        if at_work or not self.due():
            return 0
        self._thread = threading.Thread(target=self._run, name="papers", daemon=True)
        self._thread.start()
        return 1

    def join(self) -> None:
        """Wait until what is at work has ended."""
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            while self.work():
                pass
        except DatabaseUnavailable as gone:
            log.warning("papers: %s, trying again", type(gone).__name__)
