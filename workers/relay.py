"""The relay: follows the log by position and sets what has to happen, in one transaction with its position.

Nothing is sent from here. What is set, is set by ids that follow from the log, so that reading an event
twice sets nothing twice.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from domain.event import Event
from domain.streams.organisations.unit import RuleBound
from projections.database import Database, Log, Transaction
from projections.feeding import Feed, Write
from projections.outbox import dead_letters, deliveries, due, recomputing
from projections.outbox.due import PERIOD, SILENCE, Timer
from workers.planning import Plan, Planner

NAME = "relay"
# Of fewer streams than a batch has events, so many are worked off at once: each stream is loaded whole.
MOST_EVENTS = 10_000


class Relay:
    """Follows the log. Of many relays of one database, one works at a time."""

    def __init__(
        self,
        *,
        database: Database,
        log: Log,
        planner: Planner,
        now: Callable[[], datetime],
        at: Callable[[str], None],
        batch: int = 200,
    ) -> None:
        """`at` is called with the name of each point between two effects, where a test may crash."""
        self._database = database
        self._planner = planner
        self._now = now
        self._at = at
        self._feed = Feed(
            name=NAME,
            database=database,
            log=log,
            now=now,
            work=self._work,
            batch=batch,
            most=MOST_EVENTS,
        )

    def step(self) -> int:
        """Work off one batch of events; return how many, 0 where there is nothing to do here."""
        if self._feed.idle():
            return 0
        with self._database.advisory(NAME) as mine:
            if mine and self._feed.astray():
                self._feed.start_again()
            done = self._feed.step_or_say() if mine else 0
        if done:
            self._at("relay.kept")
        return done

    def _work(self, events: Sequence[Event]) -> Write:
        """Plan what events set, and return what writes it. Any event may come again, and in any order."""
        plan = self._planner.planned(events, end=events[-1].position or 0)
        self._at("relay.planned")

        def write(tx: Transaction) -> None:
            _write(tx, plan)
            deliveries.hurry(tx, plan.hurried, now=self._now())
            _write_again(tx, plan.again, now=self._now())
            self._at("relay.written")

        return write


def _write(tx: Transaction, plan: Plan) -> None:
    due.set_timers(tx, plan.timers)
    due.clear_timers(tx, kind=SILENCE, keys=plan.silent_no_more)
    recomputing.request(tx, plan.pending)
    for event in plan.bound:
        _write_bound(tx, event)
    for event in plan.rewatched:
        _write_rewatched(tx, event)
    for event in plan.laddered:
        _look_below(tx, event)
    deliveries.plan(tx, plan.deliveries)


def _write_again(tx: Transaction, events: Sequence[Event], *, now: datetime) -> None:
    """Put events among the dead letters that are tried again by themselves."""
    for event in {event.event_id: event for event in events}.values():
        assert event.position is not None
        dead_letters.bury(
            tx,
            follower=NAME,
            key=event.position,
            position=event.position,
            stream_id=event.originator_id,
            event_id=event.event_id,
            reason=dead_letters.KEYLESS,
            now=now,
        )


def _write_bound(tx: Transaction, event: Event) -> None:
    """A rule holds from now on: judge all children below by it, and again whenever a period begins."""
    assert isinstance(event.details, RuleBound)
    assert event.recorded_at is not None
    assert event.position is not None
    recomputing.request_below(
        tx,
        org=event.org,
        from_day=event.details.effective_from,
        position=event.position,
        formerly=True,
    )
    timer = Timer(kind=PERIOD, key=event.event_id, due_at=event.recorded_at, position=event.position)
    due.set_timers(tx, [timer])


def _write_rewatched(tx: Transaction, event: Event) -> None:
    """Other children are watched from now on: look at all below, and count them again."""
    assert event.recorded_at is not None
    assert event.position is not None
    recomputing.request_below(
        tx, org=event.org, from_day=event.occurred.day, position=event.position, formerly=True
    )
    _look_below(tx, event)


def _look_below(tx: Transaction, event: Event) -> None:
    """Have the alerts of every child at and below a unit looked at."""
    assert event.recorded_at is not None
    assert event.position is not None
    due.look_below(tx, org=event.org, due_at=event.recorded_at, position=event.position)
