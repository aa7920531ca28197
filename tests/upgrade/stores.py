"""Stores of released versions: packing them, and putting a copy where a test may open it.

`stores/<version>/` holds `sqlite.tar.xz` (careledger.db, keys.db), `postgres.tar.xz` (events.sql, keys.sql),
and `expected.tar.xz` (expected.json, and the papers that were imported).
"""

import io
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import psycopg
from falcon import testing

from api.app import create_app
from application.settings import Settings, read_settings
from application.system import System, open_system
from tests.api.support import Caller
from tests.cli.terminal import Terminal
from tests.support.databases import fresh_postgres
from tests.support.systems import StandingClock
from tests.upgrade.teller import Holder

FOLDER = Path(__file__).parent / "stores"
SQLITE, POSTGRES, EXPECTED = "sqlite", "postgres", "expected"
ENGINES = (SQLITE, POSTGRES)
ANSWERS = "expected.json"
# All requests of a test bear this id, so that a problem that names it is the same each time.
MARK = {"X-Request-Id": "00000000-0000-4000-8000-000000000001"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A copy of a store of a released version, of a test's own; `expected` is what that version said.

    `version` names it where more than one is asked. Of `every` so many questions one is asked.
    """

    engine: str
    folder: Path
    database_url: str
    keys_url: str
    expected: "Expected"
    version: str = ""
    every: int = 1

    @property
    def environ(self) -> dict[str, str]:
        """The settings of a program on this store."""
        return {
            "CARELEDGER_DATA_DIR": str(self.folder),
            "CARELEDGER_DATABASE_URL": self.database_url,
            "CARELEDGER_KEYS_URL": self.keys_url,
        }

    @property
    def settings(self) -> Settings:
        return read_settings(self.environ)

    @property
    def terminal(self) -> Terminal:
        return Terminal(self.folder, **self.environ, LANG="zh_CN.UTF-8")

    @property
    def answers(self) -> dict[str, Any]:
        """What the released version said on this engine; positions differ from engine to engine."""
        found: dict[str, Any] = self.expected.engines[self.engine]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is known of a store: when it ends, who holds which key, what was sent, what was answered."""

    now: datetime
    holders: Mapping[str, Holder]
    children: Mapping[str, str]
    imports: Mapping[str, str]
    sent: list[dict[str, Any]]
    again: list[dict[str, Any]]
    engines: Mapping[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A store that is open, on a clock that stands where the store ends."""

    store: Store
    system: System
    http: testing.TestClient

    def as_(self, slug: str) -> Caller:
        """Return somebody with a key of that time."""
        return Caller(http=self.http, key=self.store.expected.holders[slug].key, headers=MARK)


@cache
def expected_of(version: str) -> Expected:
    """Read what is known of a store."""
    words = orjson.loads(_members(archive(version, EXPECTED))[ANSWERS])
    holders = {
        slug: Holder(**{**holder, "types": holder["types"]}) for slug, holder in words["holders"].items()
    }
    known = {name: words[name] for name in ("children", "imports", "sent", "again", "engines")}
    return Expected(now=datetime.fromisoformat(words["now"]), holders=holders, **known)


def papers(version: str) -> dict[str, bytes]:
    """Return the papers that were imported into a store, by name."""
    members = _members(archive(version, EXPECTED))
    return {Path(name).name: data for name, data in members.items() if name.startswith("papers/")}


@contextmanager
def unpacked(
    engine: str, folder: Path, *, archive: bytes, expected: Expected, server_url: str
) -> Iterator[Store]:
    """Return a fresh copy of a store as it was packed; on PostgreSQL in databases that go with the block."""
    files = _members(archive)
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        if engine == SQLITE:
            for name, data in files.items():
                (folder / name).write_bytes(data)
            urls = [f"sqlite:///{folder}/{name}.db" for name in ("careledger", "keys")]
        else:
            urls = []
            for name in ("events", "keys"):
                urls.append(stack.enter_context(fresh_postgres(server_url)))
                restore(urls[-1], files[f"{name}.sql"].decode())
        yield Store(engine=engine, folder=folder, database_url=urls[0], keys_url=urls[1], expected=expected)


@contextmanager
def copied(store: Store, folder: Path, *, server_url: str) -> Iterator[Store]:
    """Return a copy of a store to which nobody is connected, for a test that writes."""
    folder.mkdir(parents=True, exist_ok=True)
    if store.engine == SQLITE:
        for file in store.folder.glob("*.db"):
            (folder / file.name).write_bytes(file.read_bytes())
        urls = [f"sqlite:///{folder}/{name}.db" for name in ("careledger", "keys")]
        yield replace(store, folder=folder, database_url=urls[0], keys_url=urls[1])
        return
    with ExitStack() as stack:
        events, keys = (
            stack.enter_context(fresh_postgres(server_url, template=url))
            for url in (store.database_url, store.keys_url)
        )
        yield replace(store, folder=folder, database_url=events, keys_url=keys)


@contextmanager
def opened(store: Store, *, now: datetime | None = None) -> Iterator[Opened]:
    """Open a store with its clock standing still at its end, or at `now`."""
    system = open_system(store.settings, clock=StandingClock(now or store.expected.now))
    try:
        yield Opened(store=store, system=system, http=testing.TestClient(create_app(system)))
    finally:
        system.close()


def restore(url: str, script: str) -> None:
    """Run a dump in plain SQL: one transaction, no tool of any version of PostgreSQL."""
    with psycopg.connect(url) as connection:
        connection.execute(script.encode())


def packed(files: Mapping[str, bytes]) -> bytes:
    """Pack files so that the same files give the same bytes, and nothing tells of who packed them."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:xz", preset=9) as archive:
        for name, data in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return held.getvalue()


def archive(version: str, name: str) -> bytes:
    """Read an archive of a released version: "sqlite", "postgres" or "expected"."""
    return (FOLDER / version / f"{name}.tar.xz").read_bytes()


def _members(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:xz") as opened_:
        found = {member.name: opened_.extractfile(member) for member in opened_.getmembers()}
        return {name: file.read() for name, file in found.items() if file is not None}
