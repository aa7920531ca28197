"""What the drills of backup and restore share: somebody who works meanwhile, and what must be back."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Condition, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM, Actor, Role
from application.reports.changes import BEGINNING, LogReplaced
from application.settings import read_settings
from application.system import System, open_system
from domain.event import Channel, Event
from domain.streams.carers.carer import CarerRegistered
from tests.cli.terminal import Terminal

ELSEWHERE = "示例县/西岭镇/另一小学"
NAME = "覃不可见"
READ_MODELS = {
    "child_status": "*",
    "timeline": "*",
    "carer_status": "*",
    "compliance": "*",
}


@dataclass
class Writer:
    """Somebody who goes on recording until the block ends: each time a new stream with a new key."""

    system: System
    acknowledged: list[UUID] = field(default_factory=list)
    wanted: bool = True
    changed: Condition = field(default_factory=Condition)

    def work(self) -> None:
        for number in count():
            if not self.wanted:
                return
            carer = uuid4()
            details = CarerRegistered(name=f"{NAME}{number}")
            self.system.carers.register(actor=SYSTEM, carer_id=carer, org=ELSEWHERE, details=details)
            with self.changed:
                self.acknowledged.append(carer)
                self.changed.notify_all()

    def more(self) -> int:
        """Wait until more was acknowledged than now, and give how much it is."""
        with self.changed:
            before = len(self.acknowledged)
            assert self.changed.wait_for(lambda: len(self.acknowledged) > before, timeout=30)
            return len(self.acknowledged)


@contextmanager
def opened(terminal: Terminal) -> Iterator[System]:
    with closing(open_system(read_settings(terminal.environ))) as system:
        yield system


@contextmanager
def writing(terminal: Terminal) -> Iterator[Writer]:
    with opened(terminal) as system:
        system.organisations.ensure(ELSEWHERE, actor=SYSTEM)
        writer = Writer(system)
        thread = Thread(target=writer.work)
        thread.start()
        try:
            yield writer
        finally:
            writer.wanted = False
            thread.join()


def events(terminal: Terminal, *, up_to: int) -> list[Event]:
    with opened(terminal) as system:
        return [e for e in system.log.after(0, limit=100_000) if (e.position or 0) <= up_to]


def read_models(terminal: Terminal, *, but: set[UUID]) -> dict[str, list[str]]:
    with opened(terminal) as system:
        return {
            table: sorted(
                str(row)
                for row in system.database.all(f"SELECT {columns} FROM {table}")
                if but.isdisjoint(v for v in row.values() if isinstance(v, UUID))
            )
            for table, columns in READ_MODELS.items()
        }


def backed_up_while_writing(terminal: Terminal, folder: Path) -> tuple[dict[str, Any], list[UUID]]:
    """Take a backup in the midst of the writing; give its manifest, and who was registered."""
    with writing(terminal) as writer:
        destroyed = writer.acknowledged[writer.more() - 1]
        writer.system.keyring.destroy(destroyed)
        before = writer.more()
        manifest = terminal.json("backup", folder)["manifest"]
        assert len(writer.acknowledged) > before
        writer.more()
    assert manifest["erased_streams"] == 1
    assert (folder / "erased.txt").read_text() == f"{destroyed}\n"
    return manifest, writer.acknowledged


def assert_restored(
    live: Terminal,
    back: Terminal,
    *,
    done: dict[str, Any],
    manifest: dict[str, Any],
    carers: list[UUID],
    page: int = 1,
) -> None:
    """Hold a restored school against the live one, by followers that have read so many events at a time."""
    position = manifest["position"]
    assert (done["position"], done["recorded_at"]) == (position, manifest["recorded_at"])
    assert done["events"] == position
    was, now = events(live, up_to=position), events(back, up_to=10**9)
    assert now == was
    assert [e.originator_id for e in now if e.erased] == [UUID(line) for line in erased_in(live)]
    checked = back.json("check")
    assert (checked["ok"], checked["events"], checked["erased_streams"]) == (True, position, 1)
    live.json("rebuild")
    assert_followers_are_told(live, back, page=page)
    later = set(carers) - {e.originator_id for e in now}
    assert later
    assert read_models(back, but=later) == read_models(live, but=later)
    with opened(back) as system:
        # Work goes on behind the last position, with the same secrets.
        assert not system.log.after(position, limit=1)
        details = CarerRegistered(name=NAME)
        system.carers.register(actor=SYSTEM, carer_id=uuid4(), org=ELSEWHERE, details=details)
        assert [e.erased for e in system.log.after(position, limit=5)] == [False]


def assert_followers_are_told(live: Terminal, back: Terminal, *, page: int) -> None:
    """Wherever a follower of the live log stood: of the log that was brought back it is told so."""
    office = Actor(name="office", role=Role.MANAGER, channel=Channel.API)
    cursors, cursor = [], BEGINNING
    with opened(live) as system:
        while True:
            found, cursor = system.changes.after(cursor, actor=office, limit=page)
            cursors.append(cursor)
            if not found:
                break
        told = [c.event_id for c in system.changes.after(BEGINNING, actor=office, limit=100_000)[0]]
    with opened(back) as system:
        for cursor in {each.position: each for each in cursors}.values():
            with pytest.raises(LogReplaced):
                system.changes.after(cursor, actor=office, limit=1)
        again, _ = system.changes.after(BEGINNING, actor=office, limit=100_000)
    assert [change.event_id for change in again] == told


def erased_in(terminal: Terminal) -> list[str]:
    with opened(terminal) as system:
        rows = system.keys_database.all("SELECT stream_id FROM stream_key WHERE destroyed_at IS NOT NULL")
        return [str(row["stream_id"]) for row in rows]
