"""The organisation tree: county > township > village or school > grade > class.

A unit is its path, such as `县/镇/小学/3年级/4班`. Paths are compared with their separators, and never
change: every event carries the path that its child had then.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from domain.event import Details, Event
from domain.fields import Choice, described, text_faults
from domain.ids import own_id
from domain.normal import is_blank
from domain.reasons import BAD_PATH
from domain.refusal import Fault, Invalid, invalid

NAMESPACE = UUID("8b6d4b0e-5f0b-5c57-9a3e-6a6f2c1d7e10")
DEEPEST = 5
# Above all counties: the operator of the ledger, who has recipients of its own and nothing else.
ROOT = ""


class Step(Choice):
    """How grave an alert is; each step is told to more people than the one before."""

    INFO = "info", "提示", "info"
    WARNING = "warning", "预警", "warning"
    HIGH = "high", "严重", "high"
    CRITICAL = "critical", "危急", "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgUnitCreated(Details):
    """A unit exists from now on, at the path in the envelope."""

    TYPE: ClassVar[str] = "org_unit_created"


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilsCounted(Details):
    """How many pupils a school has in all."""

    TYPE: ClassVar[str] = "pupils_counted"

    pupils: int = described("学生总数", "Pupils", minimum=0, maximum=100_000)


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


EVENT_TYPES: tuple[type[Details], ...] = (
    OrgUnitCreated,
    PupilsCounted,
    RuleBound,
    RecipientRegistered,
    RecipientRemoved,
    WatchExtended,
    WatchRestored,
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
    """Tell whether a unit, or one above it, watched all of its children on `day`, as known at a moment.

    `extensions` are in order of recording.
    """
    latest: dict[str, bool] = {}
    for said in extensions:
        in_time = known_at is None or said.known_at is None or said.known_at <= known_at
        if in_time and said.day <= day and within(org, said.org):
            latest[said.org] = said.everybody
    return any(latest.values())


@dataclass(frozen=True, kw_only=True)
class OrgUnit:
    """One unit as its stream tells it. `bindings` are in order of recording."""

    path: str
    version: int = 0
    pupils: int | None = None
    bindings: tuple[tuple[UUID, RuleBound], ...] = ()
    recipients: Mapping[UUID, RecipientRegistered] = field(default_factory=dict)
    extensions: tuple[Extension, ...] = ()

    @property
    def watches_all(self) -> bool:
        """Whether this unit itself has all children at and below it watched now."""
        return bool(self.extensions) and self.extensions[-1].everybody


def fold_org(path: str, events: Iterable[Event]) -> OrgUnit:
    """Fold a unit's stream, in order of version."""
    version, pupils = 0, None
    bindings: list[tuple[UUID, RuleBound]] = []
    recipients: dict[UUID, RecipientRegistered] = {}
    extensions: list[Extension] = []
    for event in events:
        version = event.originator_version
        match event.details:
            case PupilsCounted():
                pupils = event.details.pupils
            case RuleBound():
                bindings.append((event.event_id, event.details))
            case RecipientRegistered():
                recipients[event.details.recipient] = event.details
            case RecipientRemoved():
                recipients.pop(event.details.recipient, None)
            case WatchExtended() | WatchRestored():
                extensions.append(
                    Extension(
                        org=path,
                        day=event.occurred.day,
                        known_at=event.recorded_at,
                        everybody=isinstance(event.details, WatchExtended),
                    )
                )
    return OrgUnit(
        path=path,
        version=version,
        pupils=pupils,
        bindings=tuple(bindings),
        recipients=recipients,
        extensions=tuple(extensions),
    )


def org_id(path: str, /) -> UUID:
    """Give the stream id of the unit at `path`."""
    return own_id(NAMESPACE, path)


def checked_path(path: str, *, pointer: str = "/org") -> str:
    """Give the path without blanks around its parts, or raise `Invalid`."""
    parts = [part.strip() for part in path.split("/")]
    if any(map(is_blank, parts)) or len(parts) > DEEPEST or any(len(p) > 60 for p in parts):
        raise invalid(BAD_PATH, pointer)
    faults: tuple[Fault, ...] = tuple(text_faults(path, pointer, max_length=300))
    if faults:
        raise Invalid(*faults)
    return "/".join(parts)


def ancestors(path: str, /) -> Iterator[str]:
    """Go from a unit up to its county, itself first."""
    parts = path.split("/")
    for depth in range(len(parts), 0, -1):
        yield "/".join(parts[:depth])


def within(path: str, scope: str, /) -> bool:
    """Tell whether `path` is `scope` or lies below it. The empty scope holds everything."""
    return not scope or path == scope or path.startswith(scope + "/")


def county_of(path: str, /) -> str:
    """Give the county that a path lies in: its first part."""
    return path.partition("/")[0]


def school_of(path: str, /) -> str:
    """Give the school or village that a path lies in: its first three parts."""
    return "/".join(path.split("/")[:3])
