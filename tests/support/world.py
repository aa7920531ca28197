"""A whole CareLedger in one process: store, read models, watch, channels; a simulated clock and a seed.

    world = World(tmp_path, start="2026-03-01 09:00")
    child = world.enrol("T1", on="2026-03-01")
    head = world.recipient(catch_all=True)
    world.advance_to("2026-03-15 08:00")
    assert [item.step for item in world.inbox(head)] == ["info"]

Moments are written in Shanghai time. Nothing runs by itself: `settle` lets everything happen that is due now,
`advance_to` moves the clock on from one due moment to the next.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import Empty
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import dramatiq
import httpx
from dramatiq.brokers.stub import StubBroker

from application.access import SYSTEM, Actor, Role
from application.intake.submission import Submission
from application.recording.outcome import NOWHERE, Recorded
from application.settings import Settings
from domain.catalogue import care_actions_by_type
from domain.child import Child, fold
from domain.days import SHANGHAI, local_day, start_of_day
from domain.event import Channel
from domain.org import Step
from domain.rules.rule_files import presets
from domain.streams.alerts.case import AlertCase
from domain.streams.carers.carer import CarerRegistered
from domain.streams.organisations.unit import RecipientRegistered
from projections import tables
from projections.outbox.due import next_due
from projections.outbox.heartbeat import LOOPS, Heartbeat, beat, heartbeats
from projections.outbox.inbox import InboxItem, inbox_of
from tests.support.builders import CARER, ORG, an_id
from tests.support.databases import opened
from workers.broker import open_broker
from workers.composition import Watch, compose, nowhere
from workers.presence import LONGEST_LOOK_SECONDS

SCHOOL = "/".join(ORG.split("/")[:3])
SECRET = "whsec_" + "Y2FyZWxlZGdlci10ZXN0LXNlY3JldC0wMDAx"
PUBLIC_ADDRESS = "93.184.216.34"
_MOST_ROUNDS = 10_000


class World:
    """Everything, and the hands to use it with."""

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str | None = None,
        keys_url: str | None = None,
        owner_database_url: str | None = None,
        owner_keys_url: str | None = None,
        redis_url: str | None = None,
        start: str = "2026-03-01 09:00",
        seed: int = 1,
        at: Callable[[str], None] = nowhere,
        ping_url: str | None = None,
        ping_seconds: int = 300,
    ) -> None:
        """Make a world on SQLite in `folder`, or on the database given. Where `at` raises, it crashes.

        A loop that is in `still` does nothing, nor does it beat.
        """
        self.still: set[str] = set()
        self._now = self._began = moment(start)
        self._chance = random.Random(seed)
        self._named = 0
        self.answer: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(204)
        self.posted: list[httpx.Request] = []
        self.settings = Settings(
            data_dir=folder,
            database_url=database_url or f"sqlite:///{folder}/care.db",
            keys_url=keys_url or f"sqlite:///{folder}/keys.db",
            owner_database_url=owner_database_url,
            owner_keys_url=owner_keys_url,
            ping_url=ping_url,
            ping_seconds=ping_seconds,
        )
        self.system = opened(
            self.settings, ddl=tables.DDL, clock=lambda: self._now, random_bytes=self._chance.randbytes
        )
        self.database = self.system.database
        self._redis_url, self._at = redis_url, at
        self.watch = self._started()
        self.system.organisations.ensure(ORG, actor=SYSTEM)
        self.carer(CARER)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the databases."""
        self.watch.sender.resources.http.close()
        self.system.close()

    def restart(self) -> None:
        """Let another worker process take the place of this one, which died: what it held stays held."""
        self.watch.sender.resources.http.close()
        self.watch = self._started()

    def _started(self) -> Watch:
        return compose(
            self.system,
            broker=open_broker(redis_url=self._redis_url),
            chance=self._chance.random,
            transport=httpx.MockTransport(self._post),
            resolved=lambda _host, _port: [PUBLIC_ADDRESS],
            ticks=self._ticks,
            at=self._at,
        )

    def _ticks(self) -> float:
        return (self._now - self._began).total_seconds()

    @property
    def now(self) -> datetime:
        """The world's time."""
        return self._now

    @property
    def today(self) -> date:
        """The world's day in Shanghai."""
        return local_day(self._now)

    def carer(self, carer_id: UUID, *, name: str = "", org: str = SCHOOL) -> UUID:
        """Register a carer."""
        details = CarerRegistered(name=name or f"Carer {carer_id}"[:30])
        self.system.carers.register(actor=SYSTEM, carer_id=carer_id, org=org, details=details)
        return carer_id

    def enrol(
        self, student_no: str, *, on: str, org: str = ORG, name: str = "Xiaoming", **words: Any
    ) -> UUID:
        """Open the file of a child; its id follows from the student number."""
        self.system.organisations.ensure(org, actor=SYSTEM)
        child = an_id(student_no)
        said = {"name": name, "student_no": student_no, "sex": "male", "birth_date": "2016-05-20"}
        self.record(child, "child_enrolled", on=on, org=org, details=said | words.pop("details", {}), **words)
        return child

    def record(
        self,
        child: UUID,
        event_type: str,
        *,
        details: Mapping[str, Any],
        on: str | None = None,
        at: str | None = None,
        channel: Channel = Channel.API,
        event_id: UUID | None = None,
        written_on: str | None = None,
        org: str | None = None,
    ) -> Recorded:
        """Record anything of a child, on a day or at a moment; a decision is based on its file as it is."""
        self._named += 1
        submission = Submission(
            event_id=event_id or an_id(f"event {self._named}"),
            child_id=child,
            type=event_type,
            details=details,
            occurred_on=date.fromisoformat(on) if on else None,
            occurred_at=moment(at) if at else None,
            written_on=date.fromisoformat(written_on) if written_on else None,
            recorded_by="Teacher Li",
            based_on=self.child(child).version if event_type in _DECISIONS else None,
            org=org,
        )
        actor = Actor(name="teacher-li", role=Role.MANAGER, channel=channel)
        return self.system.submissions.submit(submission, actor=actor, provenance=NOWHERE)

    def visit(self, child: UUID, *, on: str | None = None, at: str | None = None, **words: Any) -> Recorded:
        """A home visit that met the child, with its record."""
        said = {"carers": [str(CARER)], "outcome": "met", "met": ["child"], "record": "All well."}
        said |= words.pop("details", {})
        return self.record(child, "home_visit_made", on=on, at=at, details=said, **words)

    def pair(self, child: UUID, *, on: str, carer: UUID = CARER, kind: str = "care_counsellor") -> Recorded:
        """Pair the child with a carer."""
        return self.record(child, "pairing_started", on=on, details={"carer": str(carer), "kind": kind})

    def void(self, child: UUID, target: UUID) -> Recorded:
        """Void an entry, today."""
        said = {"target": str(target), "reason": "Another child.", "approved_by": "Principal Wang"}
        return self.record(child, "event_voided", on=str(self.today), details=said)

    def correct(self, child: UUID, target: UUID, **fields: Any) -> Recorded:
        """Correct an entry, today."""
        said = {
            "target": str(target),
            "fields": fields,
            "reason": "Misread.",
            "approved_by": "Principal Wang",
        }
        return self.record(child, "event_corrected", on=str(self.today), details=said)

    def recipient(
        self,
        name: str = "Head teacher",
        *,
        org: str = SCHOOL,
        channel: str = "inbox",
        from_step: str = "info",
        catch_all: bool = False,
        address: str | None = None,
    ) -> UUID:
        """Register somebody who is told of alerts; the id follows from the name."""
        details = RecipientRegistered(
            recipient=an_id(name),
            name=name,
            channel=channel,
            address=address or ("https://hooks.example/care" if channel != "inbox" else None),
            secret=SECRET if channel != "inbox" else None,
            from_step=Step.from_word(from_step),
            catch_all=catch_all,
        )
        self.system.organisations.recipients.register(org, details=details, actor=SYSTEM)
        return details.recipient

    def bind(self, rule_id: str, *, effective_from: str, org: str = SCHOOL, version: int = 1) -> None:
        """Bind a preset rule."""
        rule = presets()[rule_id, version]
        day = date.fromisoformat(effective_from)
        self.system.organisations.governance.bind_rule(org, rule=rule, effective_from=day, actor=SYSTEM)

    def child(self, child: UUID) -> Child:
        """The child as its file says now."""
        return fold(child, self.system.log.stream(child))

    def alerts(self, child: UUID) -> list[AlertCase]:
        """Every case of a child, the first raised first."""
        cases = self.system.alerts.cases_of(child)
        return sorted(cases, key=lambda case: (case.raised_at or self._now, case.alert_id))

    def inbox(self, recipient: UUID) -> list[InboxItem]:
        """What a recipient was told, in the order of telling."""
        items = inbox_of(self.database, recipient_id=recipient, limit=100_000)
        return sorted(items, key=lambda item: (item.created_at, item.delivery_id))

    def settle(self) -> None:
        """Let everything happen that is due now."""
        self.all_beat()
        steps = [step for loop, step in self.watch.steps.items() if loop not in {"presence", *self.still}]
        if "actors" not in self.still:
            steps.append(lambda: drain(self.watch.broker))
        self.watch.presence.step()
        for _ in range(_MOST_ROUNDS):
            if not sum(step() for step in steps):
                return
        raise AssertionError("the world does not come to rest")

    def all_beat(self) -> None:
        """Let every loop beat that does not stand still, as they do while they find nothing to do.

        A round of the future stays: that the clock was set back is for the sweep to see.
        """
        ahead = {h.loop for h in heartbeats(self.database) if h.completed_at > self._now}
        with self.database.transaction() as tx:
            for loop in LOOPS:
                if loop not in self.still | ahead:
                    beat(tx, Heartbeat(loop=loop, completed_at=self._now))

    def advance_to(self, text: str | datetime) -> None:
        """Move the clock on, stopping at every due timer, every attempt to send, and every 08:00."""
        end = moment(text)
        self.settle()
        while self._now < end:
            self._now = min([end, *self._stops()])
            self.settle()

    def asleep_until(self, text: str | datetime) -> None:
        """Move the clock on while nothing runs, as when the workers are down."""
        self._now = moment(text)

    def _stops(self) -> list[datetime]:
        eight = start_of_day(self.today, hour=8)
        stops = [eight if eight > self._now else eight + timedelta(days=1)]
        if (timer := next_due(self.database)) is not None:
            stops.append(timer)
        row = self.database.one(
            "SELECT not_before FROM delivery WHERE state IN ('pending', 'unknown') "
            "ORDER BY not_before LIMIT 1"
        )
        if row is not None:
            stops.append(row["not_before"])
        if self.database.one("SELECT 1 FROM letterbox WHERE holder IS NOT NULL"):
            # Who holds it may be gone, which takes several looks to see.
            stops.append(self._now + timedelta(seconds=LONGEST_LOOK_SECONDS))
        return [stop for stop in stops if stop > self._now]

    def _post(self, request: httpx.Request) -> httpx.Response:
        self.posted.append(request)
        said = self.answer(request)
        # Unread, as it comes from a socket.
        return httpx.Response(said.status_code, headers=said.headers, stream=httpx.ByteStream(said.content))


_DECISIONS = {name for name, action in care_actions_by_type().items() if action.decision}


def moment(text: str | datetime) -> datetime:
    """Read "2026-03-01 09:00" as Shanghai time."""
    if isinstance(text, datetime):
        return text
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def eventually(happened: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Wait until something has happened elsewhere. Raises AssertionError when it takes too long."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it has not happened in time"
        threading.Event().wait(0.02)


def drain(broker: dramatiq.Broker) -> int:
    """Do here and now what the messages of an embedded broker ask for; give how many they were."""
    assert isinstance(broker, StubBroker)
    done = 0
    for queue in broker.queues.values():
        with suppress(Empty):
            while True:
                message = dramatiq.Message.decode(queue.get_nowait())
                queue.task_done()
                broker.get_actor(message.actor_name)(*message.args, **message.kwargs)
                done += 1
    return done
