"""How many requests a key may send: a bucket for each key, in the memory of this process."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from domain.refusal import Refused

WINDOW_SECONDS = 60
# So many buckets are kept before those that are full again, and say nothing more, are thrown away.
MANY = 1000
# What arithmetic with fractions of seconds may be off.
_HAIR = 1e-6


class TooManyRequests(Refused):
    """The key has used up what it may send: the same request may be sent again unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a key stands after a request: what is left, and in how many seconds one more or all may be sent."""

    allowed: bool
    left: int
    next_seconds: int
    full_seconds: int


class Rates:
    """Buckets that hold the requests of one minute, and fill evenly; 0 a minute is no limit at all.

    `clock` gives seconds that never go back.
    """

    def __init__(self, *, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        # By key: when its bucket is full again.
        self._full_at: dict[str, float] = {}

    def take(self, key: str) -> Standing | None:
        """Count one request of a key; None where nothing is counted. What is refused costs nothing."""
        if not self.per_minute:
            return None
        each = WINDOW_SECONDS / self.per_minute
        with self._lock:
            now = self._clock()
            full_at = max(now, self._full_at.get(key, now))
            allowed = full_at + each - now <= WINDOW_SECONDS + _HAIR
            if allowed:
                full_at += each
                self._full_at[key] = full_at
            if len(self._full_at) > MANY:
                self._full_at = {name: at for name, at in self._full_at.items() if at > now}
        room = WINDOW_SECONDS - (full_at - now)
        return Standing(
            allowed=allowed,
            left=int((room + _HAIR) / each),
            next_seconds=max(0, math.ceil(each - room - _HAIR)),
            full_seconds=math.ceil(full_at - now - _HAIR),
        )
