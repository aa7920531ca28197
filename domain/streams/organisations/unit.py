"""The organisation: what is recorded of one unit of the tree, such as a school; see `domain.org`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, Event
from domain.fields import described
from domain.ladder import LadderSaid
from domain.ledger.event_type import EventType
from domain.ledger.facts import BY_VERSION, Facts, filled, view
from domain.org import Step, org_id, within
from domain.refusal import Text
from domain.streams.organisations.ladders import AlertLadderSet


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgUnitCreated(Details):
    """A unit exists from now on, at the path in the envelope."""

    TYPE: ClassVar[str] = "org_unit_created"


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilsCounted(Details):
    """How many pupils a school has in all; with `approximate`, at least so many."""

    TYPE: ClassVar[str] = "pupils_counted"

    pupils: int = described("学生总数", "Pupils", minimum=0, maximum=100_000)
    approximate: bool | None = described("约数", "At least so many", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBound(Details):
    """A rule holds for this unit and all below it, from a day on. `rule` is the whole rule, for ever."""

    TYPE: ClassVar[str] = "rule_bound"

    rule: Mapping[str, Any] = described("规则", "Rule")
    effective_from: date = described("生效日期", "Effective from")
    effective_to: date | None = described("失效日期", "Effective until before", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientRegistered(Details):
    """Who is told of alerts of this unit and all below it, from which step on, and how.

    `catch_all` recipients also get what nobody else gets. `channel` is the name of one;
    `address` is what the channel needs beyond its name (the URL of a webhook), `secret` signs it, and so
    does `previous_secret` while it is being replaced. From the hour `quiet_from` until the hour `quiet_until`
    in Shanghai, over midnight where need be, and beyond `most_per_hour`, only what is critical goes out; the
    rest waits.
    """

    TYPE: ClassVar[str] = "recipient_registered"

    recipient: UUID = described("接收人编号", "Recipient id")
    name: str = described("名称", "Name", personal=True, max_length=50)
    channel: str = described("方式", "Channel", max_length=32)
    address: str | None = described("地址", "Address", personal=True, max_length=500, default=None)
    secret: str | None = described("密钥", "Secret", personal=True, max_length=200, default=None)
    from_step: Step = described("起始级别", "From step", default=Step.INFO)
    catch_all: bool = described("兜底接收人", "Catch-all", default=False)
    previous_secret: str | None = described(
        "旧密钥", "Previous secret", personal=True, max_length=200, default=None
    )
    quiet_from: int | None = described("免打扰起", "Quiet from (hour)", minimum=0, maximum=23, default=None)
    quiet_until: int | None = described("免打扰止", "Quiet until (hour)", minimum=0, maximum=23, default=None)
    most_per_hour: int | None = described(
        "每小时最多条数", "Most per hour", minimum=1, maximum=1000, default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientRemoved(Details):
    """A recipient is told nothing more."""

    TYPE: ClassVar[str] = "recipient_removed"

    recipient: UUID = described("接收人编号", "Recipient id")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchExtended(Details):
    """From this day on every child of this unit and of those below it is watched, whatever else is known."""

    TYPE: ClassVar[str] = "watch_extended"

    reason: str | None = described("原因", "Reason", personal=True, max_length=200, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRestored(Details):
    """From this day on this unit watches again only those who are watched everywhere."""

    TYPE: ClassVar[str] = "watch_restored"

    reason: str | None = described("原因", "Reason", personal=True, max_length=200, default=None)


EVENT_TYPES: tuple[EventType, ...] = (
    EventType(
        details=OrgUnitCreated,
        label=Text(zh="设立机构", en="Organisation created"),
        correctable=False,
        voidable=False,
    ),
    EventType(details=PupilsCounted, label=Text(zh="登记学生总数", en="Pupils counted")),
    EventType(
        details=RuleBound, label=Text(zh="启用规则", en="Rule bound"), correctable=False, voidable=False
    ),
    EventType(
        details=RecipientRegistered,
        label=Text(zh="登记接收人", en="Recipient registered"),
        correctable=False,
        voidable=False,
    ),
    EventType(
        details=RecipientRemoved,
        label=Text(zh="移除接收人", en="Recipient removed"),
        correctable=False,
        voidable=False,
    ),
    EventType(
        details=WatchExtended,
        label=Text(zh="扩大关注范围", en="Watch extended"),
        correctable=False,
        voidable=False,
    ),
    EventType(
        details=WatchRestored,
        label=Text(zh="恢复关注范围", en="Watch restored"),
        correctable=False,
        voidable=False,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """From `day` on a unit watches all children at and below it (`everybody`), or no longer does."""

    org: str
    day: date
    known_at: datetime | None
    everybody: bool


def extends(
    extensions: Iterable[Extension], *, org: str, day: date, known_at: datetime | None = None
) -> bool:
    """Return whether a unit, or one above it, watched all of its children on `day`, as known at a moment.

    `extensions` are in order of recording.
    """
    latest: dict[str, bool] = {}
    for said in extensions:
        in_time = known_at is None or said.known_at is None or said.known_at <= known_at
        if in_time and said.day <= day and within(org, said.org):
            latest[said.org] = said.everybody
    return any(latest.values())


@dataclass(frozen=True, kw_only=True)
class OrgUnit(Facts):
    """One unit as its stream tells it."""

    ORDER = BY_VERSION

    path: str = ""

    @view(PupilsCounted)
    def pupils(self) -> int | None:
        """How many pupils the school has, as was counted last."""
        fact = self.last(PupilsCounted)
        return fact.details.pupils if fact else None

    @view(PupilsCounted)
    def pupils_approximate(self) -> bool:
        """Whether these are what there are at least."""
        fact = self.last(PupilsCounted)
        return bool(fact and fact.details.approximate)

    @view(RuleBound)
    def bindings(self) -> tuple[tuple[UUID, RuleBound], ...]:
        """The rules that were bound, by event id, in the order of recording."""
        return tuple((fact.event_id, said) for fact, said in self.of(RuleBound))

    @view(RecipientRegistered, RecipientRemoved)
    def recipients(self) -> Mapping[UUID, RecipientRegistered]:
        """Who is told of alerts, by id, in the order in which they were first registered."""
        known: dict[UUID, RecipientRegistered] = {}
        for fact in self.of_any(RecipientRegistered, RecipientRemoved):
            if isinstance(fact.details, RecipientRegistered):
                known[fact.details.recipient] = fact.details
            else:
                known.pop(fact.details.recipient, None)
        return known

    @view(RecipientRegistered, RecipientRemoved)
    def recipient_versions(self) -> Mapping[UUID, int]:
        """The version of the stream at which each recipient that ever was here was spoken of last."""
        return {
            fact.details.recipient: fact.event.originator_version
            for fact in self.of_any(RecipientRegistered, RecipientRemoved)
        }

    @view(WatchExtended, WatchRestored)
    def watch_version(self) -> int:
        """The version of the stream at which it said last whom it watches; 0 where it never did."""
        last = self.last(WatchExtended, WatchRestored)
        return last.event.originator_version if last else 0

    @view(WatchExtended, WatchRestored)
    def extensions(self) -> tuple[Extension, ...]:
        """From when on the unit watched everybody or no longer did, in the order of recording."""
        return tuple(
            Extension(
                org=self.path,
                day=fact.day,
                known_at=fact.event.recorded_at,
                everybody=isinstance(fact.details, WatchExtended),
            )
            for fact in self.of_any(WatchExtended, WatchRestored)
        )

    @view(AlertLadderSet)
    def ladders(self) -> tuple[LadderSaid, ...]:
        """By which ladders alerts ring here, from when on, in the order of recording."""
        return tuple(
            LadderSaid(org=self.path, day=fact.day, kind=said.kind, on=said.on, steps=said.steps or None)
            for fact, said in self.of(AlertLadderSet)
        )

    @view(AlertLadderSet)
    def ladder_version(self) -> int:
        """The version of the stream at which it last set a ladder; 0 where it never did."""
        last = self.last(AlertLadderSet)
        return last.event.originator_version if last else 0

    @property
    def watches_all(self) -> bool:
        """Whether this unit itself has all children at and below it watched now."""
        return bool(self.extensions) and self.extensions[-1].everybody


def fold_org(path: str, events: Iterable[Event]) -> OrgUnit:
    """Fold a unit's stream, in order of version."""
    return filled(OrgUnit(stream_id=org_id(path), path=path), events)
