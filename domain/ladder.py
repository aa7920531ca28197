"""How grave something is that lasts: the steps of a ladder by days, and which ladder is in force where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TypeAlias

from domain.care_views import Move, org_then
from domain.days import local_day, start_of_day
from domain.org import Step, within

# From how many days on each step is reached, the lightest first; a step may be left out.
Steps: TypeAlias = tuple[tuple[Step, int], ...]
RANK = {step: rank for rank, step in enumerate(Step)}


def step_at(steps: Steps, days: int) -> Step | None:
    """Return the highest step that so many days reach."""
    return next((step for step, least in reversed(steps) if days >= least), None)


def ascends(steps: Steps) -> bool:
    """Return whether each step takes more days than the one before."""
    return all(before < after for (_, before), (_, after) in pairwise(steps))


def graver(step: Step, than: Step | None, /) -> bool:
    """Return whether a step is graver than another, or the first."""
    return than is None or RANK[step] > RANK[than]


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPolicy:
    """When a silence rings: at `hour` o'clock in Shanghai on the day that each step's days are reached."""

    steps: Steps
    hour: int

    def step_at(self, days_silent: int) -> Step | None:
        """Return the highest step that so many days of silence reach."""
        return step_at(self.steps, days_silent)

    def last_ring_day(self, now: datetime) -> date:
        """Return the last day whose hour has struck at `now`."""
        return local_day(now - timedelta(hours=self.hour))

    def next_ring(self, silent_since: date, *, after: Step | None) -> datetime | None:
        """Return the UTC moment at which the step after `after` rings; None after the last."""
        return next_ring(self.steps, silent_since, after=after, hour=self.hour)


def next_ring(steps: Steps, since: date, *, after: Step | None, hour: int) -> datetime | None:
    """Return the UTC moment at which the step after `after` rings; None after the last."""
    days = next((days for step, days in steps if graver(step, after)), None)
    return None if days is None else start_of_day(since + timedelta(days=days), hour=hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderSaid:
    """What a unit said of a kind of alert from `day` on, for itself and those below.

    `on` says whether the kind rings there. Without `steps` it goes by those that the kind comes with.
    """

    org: str
    day: date
    kind: str
    on: bool
    steps: Steps | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladders:
    """The ladders of all kinds: those that they come with, and what units `said`, in order of recording.

    `off` are the kinds that ring nowhere unless a unit says so.
    """

    come_with: Mapping[str, Steps]
    off: frozenset[str] = frozenset()
    said: Sequence[LadderSaid] = ()

    def in_force(self, kind: str, *, org: str, day: date) -> Steps | None:
        """Return the ladder of a kind in a unit on a day; None where it doesn't ring.

        What the nearest unit said up the tree holds, of that the latest that had begun by the day.
        """
        nearest = self.nearest(kind, org=org, day=day) if self.said else None
        if nearest is None:
            return None if kind in self.off else self.come_with[kind]
        if not nearest.on:
            return None
        return self.come_with[kind] if nearest.steps is None else nearest.steps

    def nearest(self, kind: str, *, org: str, day: date) -> LadderSaid | None:
        """Return what holds of a kind in a unit on a day by its own word or that of the nearest above it."""
        here = [e for e in self.said if e.kind == kind and e.day <= day and within(org, e.org)]
        # Of those of one unit the last one: they are in order of recording.
        return max(reversed(here), key=lambda each: len(each.org), default=None)

    def step_on(self, kind: str, *, since: date, day: date, moves: Sequence[Move]) -> Step | None:
        """Return the step that is reached on a day by what lasts since another; None where none is.

        What rang by the ladder of its day stays so when another ladder takes its place: the gravest step is
        reached that any ladder gives for the last day on which it was in force. `moves` say where the child
        belonged.
        """
        steps = self.in_force(kind, org=org_then(moves, day), day=day)
        if steps is None or since > day:
            return None
        found = step_at(steps, (day - since).days)
        said = [each.day for each in self.said if each.kind == kind]
        for change in {*said, *(move.day for move in moves)} if said else ():
            eve = change - timedelta(days=1)
            if since <= eve < day:
                before = self.in_force(kind, org=org_then(moves, eve), day=eve)
                reached = None if before is None else step_at(before, (eve - since).days)
                if reached is not None and graver(reached, found):
                    found = reached
        return found
