"""What it takes to be a channel: one module in `workers/channels/` gives one of these as `CHANNEL`."""

import importlib
import pkgutil
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from types import MappingProxyType
from uuid import UUID

import httpx

from application.settings import Smtp
from domain.alert_kind import UNCONTACTED
from domain.streams.alerts.case import Counted
from projections.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What goes out about one alert: ids and numbers, nothing that names a child.

    `org` is there to group by and leaves the house in no message: its path names a school. `days_silent` is
    how long what the alert is about has lasted, of whatever `kind` that is, `since` and `anchor` the day and
    the entry that this counts from, and `silence` and `unseen` are both silences of the child when it rang;
    None where that is not known.
    """

    delivery_id: UUID
    alert_id: UUID
    child_id: UUID
    org: str
    step: str
    days_silent: int
    created_at: datetime
    kind: str = UNCONTACTED
    since: date | None = None
    anchor: UUID | None = None
    silence: Counted | None = None
    unseen: Counted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a recipient gets in one call: one alert, or a digest of many, worst first.

    `message_id` is the same for every attempt; of a digest the items may be fewer by then. `address` and the
    secrets are the recipient's own.
    """

    message_id: UUID
    recipient_id: UUID
    items: tuple[Item, ...]
    address: str | None
    secret: str | None
    previous_secret: str | None = None

    @property
    def digest(self) -> bool:
        """Whether this goes out under an id that is none of its items'."""
        return self.message_id != self.items[0].delivery_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The channel took the notice. Whether anybody reads it is another question."""

    provider_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retryable:
    """Nothing was taken, and the same notice may be tried again, not before `retry_after` has passed."""

    reason: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permanent:
    """Trying again would not help: somebody else must be told."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """It may have been taken or not. It is sent again: twice is better than never."""

    reason: str


Outcome = Accepted | Retryable | Permanent | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a channel may use. `resolve` returns the IP addresses of a host, or raises OSError; who does not
    answer within `lookup_seconds` is not found.

    `smtp` None is no mail; `tls` makes the context in which a mail server is trusted.
    `ping_url` is the outside monitor, which hears of the watch every `ping_seconds`.
    """

    database: Database
    now: Callable[[], datetime]
    http: httpx.Client
    resolve: Callable[[str, int], Sequence[str]]
    lookup_seconds: float = 5.0
    allow_private: bool = False
    smtp: Smtp | None = None
    ping_url: str | None = field(default=None, repr=False)
    ping_seconds: int = 300
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way to reach a recipient.

    `send` returns an outcome whose reasons are code words, never a text of the other side. `calls_out` says
    that it posts to the recipient's address over HTTP; then `takes` is a body by which that side says yes,
    and `refuses` one by which it says no under a status of 200, where the channel has such a thing.
    `mails_out` says that it mails to that address.
    `for_people` False reaches no recipient. `fits` tells whether a recipient's address and secret are such as
    it needs; whether anybody is there, only `send` finds out.
    """

    name: str
    send: Callable[[Notice, Resources], Outcome]
    calls_out: bool = False
    takes: bytes = b""
    refuses: bytes | None = None
    mails_out: bool = False
    for_people: bool = True
    fits: Callable[[str | None, str | None], bool] = lambda _address, _secret: True


@cache
def channels() -> Mapping[str, Channel]:
    """Find every channel there is. A new file in `workers/channels/` is a new channel."""
    package = importlib.import_module("workers.channels")
    modules = (
        importlib.import_module(f"{package.__name__}.{info.name}")
        for info in pkgutil.iter_modules(package.__path__)
    )
    found: tuple[Channel, ...] = tuple(module.CHANNEL for module in modules)
    return MappingProxyType({channel.name: channel for channel in found})
