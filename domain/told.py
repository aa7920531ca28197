"""What several entries say together of somebody of whom the latest one holds: a parent, the guardian.

Whoever records a new telephone says nothing of the rest. What an entry leaves open is therefore as it was
said before, unless it is about somebody else by name, or names what nobody knows any more (`unknown`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Protocol, TypeVar, cast

from domain.effects import Effect
from domain.fields import fields_of
from domain.ledger.fact import Fact
from domain.normal import undotted
from domain.refusal import Fault, Reason

D = TypeVar("D")
# What was known of a parent's work as long as it is away, or at home.
_WITH_AWAY = ("away_from", "away_to", "place", "how_far")
_WITH_PLACE = ("how_far",)
SAYS_NOTHING = (None, "", ())

SAID_AND_UNKNOWN = Reason(
    code="said_and_unknown",
    zh="同一条记录中既填写又标为不详",
    en="This is said to be unknown, and said as well.",
)


class Having(Protocol):
    """Of whom it is asked: a child as it was folded."""

    def having(self, effect: Effect, /) -> Iterable[Fact]:
        """Return the standing entries whose type has an effect, in order."""


def standing(child: Having, effect: Effect) -> Iterator[tuple[Fact, Any]]:
    """Go through the entries that tell of a parent, or of the guardian, each with what holds from then on."""
    before = dict[str, Any]()
    for fact in child.having(effect):
        settles = fact.event_type.settles
        topic = settles(fact.details) if settles else ""
        before[topic] = upon(before.get(topic), fact.details)
        yield fact, before[topic]


def last_standing(said: Iterable[D]) -> D | None:
    """Return what holds after entries about one person, in order."""
    before: D | None = None
    for each in said:
        before = upon(before, each)
    return before


def upon(before: D | None, said: D) -> D:
    """Return what holds once an entry was said upon what was known of the same person."""
    told: Any = said
    if before is None or _differ(before, said, "name"):
        return cast("D", replace(told, unknown=None) if told.unknown else told)
    gone = {each.value for each in told.unknown or ()}
    if "away" in gone or _differ(before, said, "away"):
        gone.update(_WITH_AWAY)
    if "place" in gone or _differ(before, said, "place"):
        gone.update(_WITH_PLACE)
    left_open = [f.name for f in fields_of(type(told)) if getattr(told, f.name) in SAYS_NOTHING]
    kept = {name: getattr(before, name) for name in left_open if name not in gone and name != "unknown"}
    return cast("D", replace(told, **kept, unknown=None))


def contradictions_of(details: Any) -> Iterator[Fault]:
    """Go through what an entry says of a person and calls unknown at once."""
    for i, name in enumerate(details.unknown or ()):
        if getattr(details, name.value) not in SAYS_NOTHING:
            yield Fault(reason=SAID_AND_UNKNOWN, pointer=f"/details/unknown/{i}")


def _differ(one: Any, other: Any, name: str) -> bool:
    """Return whether both say something of a field, and not the same."""
    values = [
        undotted(v) if isinstance(v, str) else v for v in (getattr(each, name, None) for each in (one, other))
    ]
    return None not in values and values[0] != values[1]
