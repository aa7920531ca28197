"""Backups of the events and of the keys; `restoring` is the way back.

A backup is a directory. Its manifest is written last of all and says what belongs to it, so a directory
without one is no backup. The keys are copied after the events: a key is committed before its first event, so
every event of a backup finds its key in it.
"""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Literal

import msgspec

from application.eventstore.copy_sqlite import copy_sqlite
from application.eventstore.database import Database
from application.eventstore.engines import open_database
from application.eventstore.flushing import flush
from application.eventstore.migrations.migrate import SchemaTooNew, assert_migrated
from application.eventstore.migrations.tables import EVENTS, KEYS, PARTS, Part
from application.eventstore.recorders import open_recorder
from application.settings import Settings
from application.upkeep.places import NoLedger, place_of, sqlite_path
from domain.refusal import Reason, conflict, invalid

FORMAT = 1
LIMIT_SECONDS = 3600.0
MANIFEST, MANIFEST_SUM, ERASED = "manifest.json", "manifest.sha256", "erased.txt"
# Sealed as they are, so there is nothing to gain by compression.
EVIDENCE = "evidence.tar"
_ENDINGS: dict[str, str] = {"sqlite": "db", "postgres": "dump"}
_LAST = "SELECT notification_id, recorded_at FROM events ORDER BY notification_id DESC LIMIT 1"
_DESTROYED = "SELECT stream_id FROM stream_key WHERE destroyed_at IS NOT NULL ORDER BY stream_id"

Engine = Literal["sqlite", "postgres"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """One file of a backup."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds. Moments are in UTC; `recorded_at` is that of the event at `position`.

    Every event that was recorded up to `complete_to` is in it.
    """

    format: int
    engine: dict[str, Engine]
    created_at: datetime
    position: int
    recorded_at: datetime | None
    complete_to: datetime
    schema: dict[str, int]
    erased_streams: int
    files: tuple[Copied, ...]


def create_backup(
    settings: Settings,
    folder: Path,
    *,
    limit_seconds: float = LIMIT_SECONDS,
    at: Callable[[str], None] = lambda _: None,
) -> Manifest:
    """Write a backup into a directory that is not there yet, or empty, and return its manifest.

    `at` is told the name of each point between two effects, for those who want to crash there. Raises
    Conflict, NoLedger, NotMigrated, DatabaseError, and Invalid where a program of PostgreSQL's is needed.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise conflict(
            reason("backup_exists", "备份目录已有内容", "The backup directory is not empty", folder)
        )
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.partial-", dir=folder.parent))
    try:
        manifest = _written(settings, partial, limit_seconds=limit_seconds, at=at)
        partial.rename(folder)
        flush(folder.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return manifest


def read_backup(folder: Path) -> Manifest:
    """Read the manifest of a whole and unchanged backup. Raises Invalid, which names what is not so."""
    try:
        data, summed = (folder / MANIFEST).read_bytes(), (folder / MANIFEST_SUM).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        zh, en = "不是完整的备份（备份可能被中断）", "This is no whole backup; it may have been interrupted"
        raise invalid(reason("backup_incomplete", zh, en, folder)) from None
    if summed != _sum_line(data):
        raise _changed(MANIFEST)
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
    except msgspec.DecodeError:
        raise invalid(
            reason("backup_unknown", "不认识的备份格式", "A backup of an unknown format", folder)
        ) from None
    if manifest.format != FORMAT:
        raise SchemaTooNew(f"the backup has format {manifest.format}, this program knows {FORMAT}")
    for part in PARTS:
        if manifest.schema.get(part.name, 0) > len(part.versions):
            raise SchemaTooNew(f"the {part.name} in the backup are at version {manifest.schema[part.name]}")
    for file in manifest.files:
        path = folder / Path(file.name).name
        if not path.is_file() or _copied(path) != file:
            raise _changed(file.name)
    return manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copy:
    """A part that was copied: by which engine, at which version of its tables, and what was asked of it."""

    part: Part
    engine: Engine
    version: int
    found: list[tuple[Any, ...]]

    @property
    def name(self) -> str:
        return file_name(self.part, self.engine)


def _written(
    settings: Settings, partial: Path, *, limit_seconds: float, at: Callable[[str], None]
) -> Manifest:
    owner = settings.as_owner()
    with _opened(owner.database_url, part=EVENTS) as database:
        created_at = database.now()
        # Asked before the copy. SQLite's writers queue, and whoever holds its lock is not waited for here.
        settled = open_recorder(database).settled() if database.dialect == "postgres" else None
        events = _copy(database, owner.database_url, partial, part=EVENTS, ask=_LAST, limit=limit_seconds)
    at("backup.events")
    evidence = _evidence(settings, partial)
    with _opened(owner.keys_url, part=KEYS) as database:
        keys = _copy(database, owner.keys_url, partial, part=KEYS, ask=_DESTROYED, limit=limit_seconds)
    at("backup.keys")
    _write(partial / ERASED, "".join(f"{stream_id}\n" for (stream_id,) in keys.found).encode())
    names = (events.name, keys.name, ERASED, *evidence, *_own_words(settings, partial))
    position, recorded = events.found[0] if events.found else (0, None)
    recorded_at = datetime.fromisoformat(recorded) if isinstance(recorded, str) else recorded
    manifest = Manifest(
        format=FORMAT,
        engine={copy.part.name: copy.engine for copy in (events, keys)},
        created_at=created_at,
        position=position,
        recorded_at=recorded_at,
        complete_to=settled or recorded_at or created_at,
        schema={copy.part.name: copy.version for copy in (events, keys)},
        erased_streams=len(keys.found),
        files=tuple(_copied(partial / name) for name in names),
    )
    for name in names:
        flush(partial / name)
    at("backup.files")
    _sign_off(partial, manifest)
    at("backup.manifest")
    return manifest


def _own_words(settings: Settings, partial: Path) -> list[str]:
    """Copy the office's own words of papers, where it has any, and return the name of the copy."""
    if not settings.own_words.is_file():
        return []
    _write(partial / settings.own_words.name, settings.own_words.read_bytes())
    return [settings.own_words.name]


def _evidence(settings: Settings, partial: Path) -> list[str]:
    """Copy the files that entries name, where there are any, and return the name of the copy.

    Before the keys: those of a stream that is erased meanwhile are not to be opened by them.
    """
    found = sorted(each for each in settings.evidence_dir.glob("??/*/[!.]*") if each.is_file())
    if not found:
        return []
    _write(partial / EVIDENCE, b"")
    with tarfile.open(partial / EVIDENCE, "w") as archive:
        for each in found:
            # One that was erased since it was listed is none of the backup's.
            with suppress(FileNotFoundError):
                archive.add(each, arcname=each.relative_to(settings.evidence_dir), recursive=False)
    return [EVIDENCE]


def _sign_off(partial: Path, manifest: Manifest) -> None:
    """Write the manifest and its sum, last of all, and keep them."""
    data = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    _write(partial / MANIFEST, data)
    _write(partial / MANIFEST_SUM, _sum_line(data))
    flush(partial)


def _copy(database: Database, url: str, folder: Path, *, part: Part, ask: str, limit: float) -> _Copy:
    """Copy a part into a file, and ask the copy."""
    target, questions = folder / file_name(part, database.dialect), (ask, _version_of(part))
    if database.dialect == "sqlite":
        found, version = copy_sqlite(sqlite_path(url), target, ask=questions, limit_seconds=limit)
    else:
        from application.eventstore.copy_postgres import copy_postgres

        found, version = copy_postgres(database, url, target, ask=questions, limit_seconds=limit)
    return _Copy(part=part, engine=database.dialect, version=int(version[0][0]), found=found)


@contextmanager
def _opened(url: str, *, part: Part) -> Iterator[Database]:
    if url.startswith("sqlite:") and not sqlite_path(url).exists():
        raise NoLedger(place_of(url))
    with closing(open_database(url, pool_size=1)) as database:
        # An older one may be copied as it is: that is what people do before an upgrade.
        assert_migrated(database, part=part, older=True)
        yield database


def file_name(part: Part, engine: str) -> str:
    """The name in a backup of what is copied from a part."""
    return f"{part.name}.{_ENDINGS[engine]}"


def _version_of(part: Part) -> str:
    return f"SELECT MAX(version) FROM schema_version WHERE part = '{part.name}'"  # noqa: S608  one of two


def _copied(path: Path) -> Copied:
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
        return Copied(name=path.name, sha256=digest, size=file.tell())


def _sum_line(data: bytes) -> bytes:
    return f"{sha256(data).hexdigest()}  {MANIFEST}\n".encode()


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(data)
    flush(path)


def _changed(name: str) -> Exception:
    return invalid(reason("backup_changed", "备份文件缺失或已改变", "A file is missing or was changed", name))


def reason(code: str, zh: str, en: str, where: object) -> Reason:
    """A reason that names the place it concerns."""
    return Reason(code=code, zh=f"{zh}：{where}", en=f"{en}: {where}")
