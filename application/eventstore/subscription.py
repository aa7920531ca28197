"""Following the log by asking again: the same on both engines, and deaf to no lost notification."""

from collections import deque
from collections.abc import Sequence
from threading import Event

from eventsourcing.persistence import ApplicationRecorder, Notification, Subscription

_PULL = 500
_PAUSE_SECONDS = 0.1


class PollingSubscription(Subscription[ApplicationRecorder]):
    """Every event behind a position, then every new one, until it is stopped."""

    def __init__(
        self, recorder: ApplicationRecorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._pulled: deque[Notification] = deque()
        self._stopping = Event()

    def stop(self) -> None:
        """End the iteration, also one that is waiting."""
        super().stop()
        self._stopping.set()

    def __next__(self) -> Notification:
        """Wait for the next event. Topics are compared here: the database would scan for a rare one."""
        while not self._stopping.is_set():
            while self._pulled:
                notification = self._pulled.popleft()
                if not self._topics or notification.topic in self._topics:
                    return notification
            self._pull()
        raise StopIteration

    def _pull(self) -> None:
        found = self._recorder.select_notifications(
            start=self._last_notification_id, limit=_PULL, inclusive_of_start=False
        )
        if found:
            self._last_notification_id = found[-1].id
            self._pulled.extend(found)
        else:
            self._stopping.wait(_PAUSE_SECONDS)
