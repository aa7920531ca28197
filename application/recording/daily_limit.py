"""How much one stream may grow in a day over the API: it is read whole, so it may not grow at will."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from application.access import Actor
from domain.catalogue import stream_kinds, submitted_types
from domain.days import local_day, start_of_day
from domain.event import Channel, Event
from domain.ledger.kind import UNNAMED
from domain.refusal import Fault, Reason, Refused, Text, refuses

MOST_A_DAY = 2000
# Papers are imported by whoever runs the service, and a whole term at once; the ledger writes what follows.
_COUNTED = frozenset({Channel.API, Channel.OFFLINE})
# What mends a full file, or ends it, is not held up by what filled it: decisions are counted by themselves.
_DECISIONS = frozenset(name for name, action in submitted_types().items() if action.decision)


def _too_many(subject: Text) -> Reason:
    return Reason(
        code="too_many_events",
        zh=f"该{subject.zh}今日经接口登记的条目已达上限（{MOST_A_DAY:,} 条）",
        en=f"As many entries as one day may have ({MOST_A_DAY:,}) were recorded of this {subject.en.lower()} "
        "today.",
    )


TOO_MANY_EVENTS = _too_many(stream_kinds()[UNNAMED].label)


class TooManyEvents(Refused):
    """A stream may grow no more today. `retry_after` is how many seconds of the day are left."""

    def __init__(self, subject: Text, *, retry_after: int) -> None:
        super().__init__(Fault(reason=_too_many(subject)))
        self.retry_after = retry_after


class DailyLimit:
    """What may still be recorded on one stream by an actor at a moment, on that recording day in Shanghai.

    Decisions are counted apart from everything else, up to the same number. `subject` is what the stream is
    of, in words.
    """

    def __init__(self, stream: Iterable[Event], *, subject: Text, actor: Actor, now: datetime) -> None:
        self._subject = subject
        self._counts = actor.channel in _COUNTED
        self._begins = start_of_day(local_day(now))
        self._ends = start_of_day(local_day(now) + timedelta(days=1))
        self._now = now
        self._stream = stream
        self._recorded: Counter[bool] | None = None

    @refuses(TOO_MANY_EVENTS)
    def refuse(self, event_type: str) -> None:
        """Raise `TooManyEvents` where one more of this type would be too many."""
        if not self._counts:
            return
        if self._recorded is None:
            self._recorded = Counter(
                event.type in _DECISIONS
                for event in self._stream
                if event.recorded_at is not None
                and self._begins <= event.recorded_at < self._ends
                and event.metadata.channel in _COUNTED
            )
        if self._recorded[event_type in _DECISIONS] >= MOST_A_DAY:
            left = max(1, int((self._ends - self._now).total_seconds()))
            raise TooManyEvents(self._subject, retry_after=left)

    def count(self, event_type: str) -> None:
        """Count one more of a type."""
        if self._recorded is not None:
            self._recorded[event_type in _DECISIONS] += 1
