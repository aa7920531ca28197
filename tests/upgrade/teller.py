"""Somebody who tells a ledger a story through its own doors, and keeps word for word what was sent.

Ids follow from names, so that every telling gives the same ones.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from falcon import testing

from api.app import create_app
from application.access import Actor, Role
from domain.event import Channel
from domain.streams.alerts.case import AlertCase
from tests.api.support import Caller
from tests.support.world import World, moment
from tests.upgrade.later import told_to

NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}
# Whoever sits at the machine; an import by the terminal is theirs.
OPERATOR = Actor(name="值班操作员", role=Role.MANAGER, channel=Channel.SYSTEM)
PAUSE = timedelta(seconds=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request that changed something, as it was sent, and the status of its answer.

    `again` is who sends it again in the end: its sender, or an heir of the same name where the sender's key
    is dead or no longer reaches the child.
    """

    caller: str
    again: str
    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A key as its holder has it."""

    key_id: str
    key: str
    name: str
    role: str
    org: str
    types: tuple[str, ...] | None


def an_id(name: str, *, version: int = 4) -> UUID:
    """Return the id of whatever bears this name: of version 4 as phones make them, or 7."""
    digest = bytearray(sha256(f"upgrade: {name}".encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | version << 4
    digest[8] = digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))


def falling_ids(*names: str) -> list[UUID]:
    """Return the ids of these names so that each is smaller than the one before it."""
    return sorted((an_id(name) for name in names), reverse=True)


def rising_ids(*names: str) -> list[UUID]:
    """Return the ids of these names so that each is greater than the one before it."""
    return sorted(an_id(name) for name in names)


class Teller:
    """Tells one ledger its story. A second life of the program goes on with what the first has sent."""

    def __init__(self, world: World, *, version: str, before: "Teller | None" = None) -> None:
        self.world, self.system, self.version = world, world.system, version
        self.http = testing.TestClient(create_app(world.system))
        self.holders: dict[str, Holder] = before.holders if before else {}
        self.requests = before.requests if before else 0
        self.sent: list[Sent] = before.sent if before else []
        self.children: dict[str, UUID] = before.children if before else {}
        self.carers: dict[str, UUID] = before.carers if before else {}
        self.imports: dict[str, UUID] = before.imports if before else {}

    # Who and when

    def holder(
        self,
        slug: str,
        name: str,
        role: Role,
        *,
        org: str = "",
        types: Sequence[str] | None = None,
        days: int = 366,
    ) -> None:
        """Return somebody a key."""
        key, text = self.system.api_keys.create(
            actor=OPERATOR, name=name, role=role, org=org, types=types, days=days
        )
        self.holders[slug] = Holder(
            key_id=key.key_id, key=text, name=name, role=role.value, org=org, types=key.types
        )

    def as_(self, slug: str) -> Caller:
        return Caller(http=self.http, key=self.holders[slug].key)

    def at(self, text: str) -> None:
        """Go on to a moment, "06-30 12:00" of 2026 in Shanghai; everything due by then happens."""
        self.world.advance_to(moment(f"2026-{text}"))

    def later(self, what: str, at_first: Any) -> Any:
        """Return what this version is told of something: `at_first` is what 0.1 was."""
        return told_to(self.version, what, at_first)

    # Sending

    def send(
        self,
        by: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int | tuple[int, ...] = (200, 201),
        headers: dict[str, str] | None = None,
        again: str | None = None,
        keep: bool = True,
        pause: timedelta = PAUSE,
    ) -> testing.Result:
        """Send a request, keep it where it is one that may be sent again, and let a little time pass."""
        text = body if isinstance(body, str) else "" if body is None else json.dumps(body, ensure_ascii=False)
        named = (JSON if text else {}) | (headers or {})
        self.requests += 1
        mark = {"X-Request-Id": str(an_id(f"request {self.requests}"))}
        answered = self.as_(by).send(method, path, body=text.encode(), headers=named | mark)
        wanted = (status,) if isinstance(status, int) else status
        assert answered.status_code in wanted, (by, method, path, text[:600], answered.text[:1500])
        if keep and method == "PUT" and answered.status_code < 400:
            self.keep(by, path, text, headers=named, status=answered.status_code, again=again)
        self.world._now += pause
        return answered

    def keep(
        self, by: str, path: str, body: str, *, headers: dict[str, str], status: int, again: str | None = None
    ) -> None:
        """Keep what was sent. What says anew who somebody is takes the place of what was said before."""
        if path.startswith(("/v1/carers/", "/v1/recipients/")):
            self.forget(path)
        self.sent.append(
            Sent(
                caller=by,
                again=again or by,
                method="PUT",
                path=path,
                headers=headers,
                body=body,
                status=status,
            )
        )

    def forget(self, path: str) -> None:
        """Take out what was sent to a path: it is not to be sent again."""
        self.sent[:] = [sent for sent in self.sent if sent.path != path]

    def carer(self, slug: str, name: str, org: str, *, by: str = "office", **more: Any) -> UUID:
        """Register a carer, or replace what is known of it."""
        path = f"/v1/carers/{an_id(f'carer {slug}')}"
        headers = self.as_read(by, path) if slug in self.carers else None
        self.carers[slug] = carer = an_id(f"carer {slug}")
        self.send(by, "PUT", path, {"org": org, "name": name} | more, headers=headers)
        return carer

    def as_read(self, by: str, path: str) -> dict[str, str]:
        """Return the header that names the version of what is read now: a decision rests on it."""
        return {"If-Match": self.as_(by).send("GET", path).headers["ETag"]}

    def enrol(
        self, slug: str, day: str, org: str, *, by: str = "office", status: int = 201, **details: Any
    ) -> UUID:
        """Open a child's file on a day of 2026."""
        child = self.children.setdefault(slug, an_id(f"child {slug}"))
        body = {"occurred_on": f"2026-{day}", "org": org, "details": details}
        self.send(by, "PUT", f"/v1/children/{child}", body, status=status)
        return child

    def event(
        self,
        slug: str,
        type_: str,
        day: str,
        *,
        by: str = "office",
        event_id: UUID | None = None,
        mark: str = "",
        status: int = 201,
        again: str | None = None,
        envelope: dict[str, Any] | None = None,
        keep: bool = True,
        pause: timedelta = PAUSE,
        **details: Any,
    ) -> UUID:
        """Send one care action; a decision is based on the file as it is. `day` may be "05-20T16:00"."""
        event_id = event_id or an_id(f"{slug} {type_} {day} {mark}")
        child = self.children[slug]
        body = {"type": type_} | when(day) | (envelope or {}) | {"details": details}
        headers = {"If-Match": f'"{self.world.child(child).version}"'} if type_ in DECISIONS else {}
        path = f"/v1/children/{child}/events/{event_id}"
        more: dict[str, Any] = {"again": again, "keep": keep, "pause": pause}
        self.send(by, "PUT", path, body, status=status, headers=headers, **more)
        return event_id

    def item(
        self,
        child: str | None,
        type_: str,
        day: str,
        details: dict[str, Any],
        *,
        mark: str = "",
        **envelope: Any,
    ) -> dict[str, Any]:
        """Write an item of a batch; the child is named by its slug, or by a number in the envelope."""
        named = {} if child is None else {"child_id": str(self.children[child])}
        known = {"event_id": str(an_id(f"{child} {type_} {day} {mark}")), "type": type_}
        return known | named | when(day) | envelope | {"details": details}

    def batch(
        self, name: str, items: Iterable[Any], *, by: str = "office", keep: bool = True
    ) -> testing.Result:
        """Send a batch as JSON."""
        body = {"items": list(items)}
        path = f"/v1/event-batches/{an_id(f'batch {name}')}"
        return self.send(by, "PUT", path, body, status=207, keep=keep)

    def lines(
        self,
        name: str,
        items: Iterable[Any],
        *,
        by: str = "office",
        cut_after: int | None = None,
        headers: dict[str, str] | None = None,
        status: int = 200,
    ) -> testing.Result:
        """Send a batch as lines; with `cut_after` the sender is gone in the middle of the next line."""
        pieces = [i if isinstance(i, str) else json.dumps(i, ensure_ascii=False) for i in items]
        whole = "".join(f"{piece}\n" for piece in pieces)
        path = f"/v1/event-batches/{an_id(f'batch {name}')}"
        if cut_after is None:
            named = NDJSON | (headers or {})
            return self.send(by, "PUT", path, whole, headers=named, status=status)
        kept = "".join(f"{piece}\n" for piece in pieces[:cut_after]) + pieces[cut_after][:40]
        length = {"Content-Length": str(len(whole.encode()))}
        answered = self.send(by, "PUT", path, kept, headers=NDJSON | length, status=400)
        self.keep(by, path, whole, headers=NDJSON, status=400)
        return answered

    # Short words for what happens every day

    def visit(self, slug: str, day: str, *, carer: str = "lu", by: str = "office", **more: Any) -> UUID:
        """Visit a child at home, meet it, and write that down."""
        return self.event(slug, "home_visit_made", day, by=by, **(met(self.carers[carer]) | more))

    def alert_of(self, slug: str) -> AlertCase:
        """Return the newest case of a child."""
        return self.world.alerts(self.children[slug])[-1]

    def answer_alert(self, slug: str, how: str, *, by: str, **words: Any) -> None:
        """Acknowledge or snooze the newest alert of a child."""
        self.send(by, "POST", f"/v1/alerts/{self.alert_of(slug).alert_id}/{how}", words, status=200)

    def version_of(self, slug: str) -> int:
        return self.world.child(self.children[slug]).version


DECISIONS = frozenset(
    {
        "child_exited",
        "child_readmitted",
        "event_corrected",
        "event_voided",
        "care_handed_over",
        "transfer_proposed",
        "transfer_accepted",
        "transfer_declined",
        "transfer_withdrawn",
    }
)


def when(day: str) -> dict[str, str]:
    """Write "05-20" as a day of 2026, and "05-20T16:00" as a moment in Shanghai."""
    if "T" in day:
        return {"occurred_at": f"2026-{day}:00+08:00"}
    return {"occurred_on": f"2026-{day}"}


def met(*carers: UUID) -> dict[str, Any]:
    """Write the details of a visit that met somebody."""
    return {
        "carers": [str(carer) for carer in carers],
        "outcome": "met",
        "met": ["child"],
        "minutes": 30,
        "record": "了解学习和生活情况",
    }
