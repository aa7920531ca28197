"""What the actors work with."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from application.system import System
from domain.rules.calendar import Calendar
from projections.outbox.deliveries import RecipientQueue
from workers.channel import Means


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the actors of one process work with.

    `chance` gives a number from 0 to 1; `ticks` are seconds that only run forward. `at` is told each point
    between two effects, for those who want to crash there. `instance` is this process, `serving` the
    letterboxes that its threads are at, `places` how many more of them each channel may have, and `stopping`
    is set when it is to end. `slow` are the letterboxes whose last call took long, and `slow_places` how many
    more threads of each channel may take these.
    """

    system: System
    means: Means
    calendar: Calendar
    chance: Callable[[], float]
    ticks: Callable[[], float]
    at: Callable[[str], None]
    instance: UUID = field(default_factory=uuid4)
    serving: dict[RecipientQueue, object] = field(default_factory=dict)
    places: dict[str, threading.Semaphore] = field(default_factory=dict)
    slow: set[RecipientQueue] = field(default_factory=set)
    slow_places: dict[str, threading.Semaphore] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)
