"""What it takes to be a kind of alert: one module in `domain/alert_kinds/` gives one of these as `KIND`."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, cast
from uuid import UUID

from msgspec import Struct

from domain.fields import Choice
from domain.ladder import Steps
from domain.refusal import Text

if TYPE_CHECKING:
    from domain.child import Child

UNCONTACTED = "uncontacted"


class Ending(Choice):
    """What ended an alert."""

    CONTACT = "contact", "已联系", "contact"
    CARE_ENDED = "care_ended", "已退出", "care ended"
    NEVER_WAS = "never_was", "依据已作废或更正", "what began it was voided or corrected"
    NOT_WATCHED = "not_watched", "不再属于关注范围", "the child is no longer watched"
    SEEN = "seen", "已见面", "the child was seen"
    SETTLED = "settled", "情形已消除", "what it was about is over"
    COVERED = "covered", "已由更严重的预警通知", "another alert that is as grave tells of it"
    SWITCHED_OFF = "switched_off", "该类预警已停用", "alerts of this kind were switched off"


class Spell(Struct, frozen=True, kw_only=True, gc=False):
    """Something that lasts: from the day `since` on, until before the day `until`, None where it goes on.

    `event_id` is the entry that began it, from which its case has its id; `by` the one that ended it.
    """

    event_id: UUID
    since: date
    until: date | None = None
    by: UUID | None = None

    def holds(self, day: date) -> bool:
        """Return whether it lasts on a day."""
        return self.since <= day and (self.until is None or day < self.until)


def _ends_with_its_spell(kind: "AlertKind", child: "Child", anchor: UUID) -> tuple[Ending, UUID | None]:
    spell = next((each for each in kind.spells(child) if each.event_id == anchor), None)
    if spell is not None:
        return (kind.ended_as, spell.by) if spell.until is not None else (Ending.NEVER_WAS, None)
    # What began it stands, and lasts no day: a correction says so, or another entry of the same day.
    fact = child.fact(anchor)
    return kind.ended_as, fact.corrected_by[-1] if fact is not None and fact.corrected_by else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertKind:
    """A kind of alert about a child, declared once; cases, timers, notices, lists and texts follow.

    `spells` gives what lasts of a child, as far as it may ring, whatever day it is: from the entries alone,
    so that it is known beforehand when it will ring. `single` says that there is one at a time. `steps` is
    the ladder that the kind comes with, from the day on which a spell began. `notice` is what a message says;
    {days} in it is how long it has lasted.

    `on` says whether it rings where no unit said so; one that is `required` can't be switched off. Without
    `of_watched_only` children are told of who are not watched otherwise. A kind that is `covered_by` another
    stays silent where that one tells of the same beginning with a step as grave. `ended` gives of a case that
    is over, by the entry that began it, how it ended and by which entry.
    """

    name: str
    label: Text
    notice: Text
    steps: Steps
    spells: Callable[["Child"], Iterable[Spell]]
    source: str = ""
    on: bool = False
    required: bool = False
    single: bool = True
    of_watched_only: bool = True
    covered_by: str | None = None
    ended_as: Ending = Ending.SETTLED
    ended: Callable[["AlertKind", "Child", UUID], tuple[Ending, UUID | None]] = _ends_with_its_spell
    order: int = 100


@cache
def alert_kinds() -> Mapping[str, AlertKind]:
    """Find every kind there is, in order. A new file in `domain/alert_kinds/` is a new kind."""
    package = importlib.import_module("domain.alert_kinds")
    modules = (
        importlib.import_module(f"{package.__name__}.{info.name}")
        for info in pkgutil.iter_modules(package.__path__)
    )
    found: Iterable[AlertKind] = (module.KIND for module in modules)
    return MappingProxyType({each.name: each for each in sorted(found, key=lambda k: (k.order, k.name))})


def label_of(kind: str) -> Text:
    """Return what an alert is about in words; of a kind of a later version its name."""
    known = alert_kinds().get(kind)
    return known.label if known else Text(zh=kind, en=kind)


def words_of_kinds() -> type[Choice]:
    """Return the names of all kinds as words from a closed list."""
    words = {name.upper(): (name, kind.label.zh, kind.label.en) for name, kind in alert_kinds().items()}
    # Enum makes a class of data as well; its stubs know that of Enum itself alone.
    make = cast("Callable[..., type[Choice]]", Choice)
    return make("AlertKind", words, module=__name__)
