"""The way back from a backup, into an empty place."""

import os
import secrets
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from application.eventstore.database import Database, DatabaseError
from application.eventstore.engines import open_database
from application.eventstore.files_sqlite import in_use
from application.eventstore.flushing import flush
from application.eventstore.keyring import Keyring
from application.eventstore.log import EventLog
from application.eventstore.migrations.migrate import migrate
from application.eventstore.migrations.tables import EVENTS, KEYS
from application.settings import Settings
from application.upkeep.backup import EVIDENCE, LIMIT_SECONDS, Engine, Manifest, file_name, reason
from application.upkeep.places import sqlite_path
from domain.refusal import conflict, invalid

# The first is Chinese.
IN_USE = (
    "仍有服务在使用此目录，请先停止服务",
    "A server still holds this directory: stop it first",
)


def read_erased(file: Path) -> tuple[UUID, ...]:
    """Read the ids of streams whose keys are to be destroyed, one a line. Raises Invalid."""
    ids = []
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
        try:
            ids += [UUID(line.strip())] if line.strip() else []
        except ValueError:
            zh, en = "销毁清单中有一行不是编号", "A line of the list of erased streams is no id"
            raise invalid(reason("bad_erased_list", zh, en, f"{file.name}:{number}")) from None
    return tuple(ids)


@contextmanager
def restored(
    settings: Settings,
    folder: Path,
    manifest: Manifest,
    *,
    erased: Sequence[UUID],
    limit_seconds: float = LIMIT_SECONDS,
) -> Iterator[Settings]:
    """Bring a backup that was read back into the empty place that the settings name.

    The block is given settings with which to look at what was restored; when it raises, no SQLite file is
    put in its place. The keys of `erased` are destroyed before anything can be read. Raises Conflict where
    something lies already, Invalid where the engines differ.
    """
    owner = settings.as_owner()
    places = {EVENTS.name: owner.database_url, KEYS.name: owner.keys_url}
    for name, url in places.items():
        _refuse_unless_empty(name, url, engine=manifest.engine[name])
    staged: dict[str, Path] = {}
    try:
        staging = dict(places)
        # The keys first: while the events are missing no server starts.
        for part in (KEYS, EVENTS):
            source, url = folder / file_name(part, manifest.engine[part.name]), places[part.name]
            if manifest.engine[part.name] == "sqlite":
                staged[part.name] = _staged(source, sqlite_path(url))
                staging[part.name] = f"sqlite:///{staged[part.name]}"
            else:
                _restore_postgres(source, url, limit_seconds=limit_seconds)
            if part is KEYS:
                _destroy(staging[part.name], erased)
        yield _to_look_at(settings, {name: staging[name] for name in staged})
        _put_evidence(settings.evidence_dir, folder / EVIDENCE, erased=erased)
        _put_in_place({name: (path, sqlite_path(places[name])) for name, path in staged.items()})
        _put_own_words(settings.own_words, folder / settings.own_words.name)
    finally:
        for path in staged.values():
            shutil.rmtree(path.parent, ignore_errors=True)


def _to_look_at(settings: Settings, staged: Mapping[str, str]) -> Settings:
    """Return the settings with the files that are not in their places yet."""
    events, keys = (staged.get(part.name) for part in (EVENTS, KEYS))
    return replace(settings, database_url=events or settings.database_url, keys_url=keys or settings.keys_url)


def _put_own_words(place: Path, copied: Path) -> None:
    """Bring the office's own words of papers back, where there are none by now."""
    if copied.is_file() and not place.exists():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(copied, place)
        flush(place)


def _put_evidence(place: Path, copied: Path, *, erased: Sequence[UUID]) -> None:
    """Bring the files that entries name back, but for those of erased streams."""
    if not copied.is_file():
        return
    gone = {str(stream_id) for stream_id in erased}
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tarfile.open(copied) as archive:
        kept = [each for each in archive.getmembers() if Path(each.name).parent.name not in gone]
        archive.extractall(place, members=kept, filter="data")
    for each in (*place.glob("*/*/*"), *place.glob("*/*"), *place.glob("*"), place):
        flush(each)


def open_every_event(database: Database, log: EventLog) -> int:
    """Unseal every event, stream by stream, and return their number. Raises Tampered and the like.

    A reader by position stops at a gap that a transaction somewhere on the server may seem to own; in
    what was restored nobody fills a gap.
    """
    ids = [stream_id for (stream_id,) in database.tuples("SELECT DISTINCT originator_id FROM events")]
    return sum(len(events) for _, events in log.each_stream(ids))


def _refuse_unless_empty(name: str, url: str, *, engine: Engine) -> None:
    if (engine == "sqlite") != url.startswith("sqlite:"):
        zh, en = "备份与设置中的数据库种类不同", "The backup is of another kind of database than the settings"
        raise invalid(reason("other_engine", zh, en, f"{name}: {engine}"))
    if engine == "sqlite":
        path = sqlite_path(url)
        found = next(
            (f for end in ("", "-wal", "-shm") if (f := path.with_name(path.name + end)).exists()), None
        )
        if in_use(path):
            raise conflict(reason("place_in_use", *IN_USE, path.parent))
    else:
        from application.eventstore.copy_postgres import is_empty

        with closing(open_database(url, pool_size=1)) as database:
            found = None if is_empty(database) else Path(name)
    if found is not None:
        zh, en = "只能恢复到空的位置，这里已有数据", "Restored is into an empty place only, and this is not"
        raise conflict(reason("not_empty", zh, en, found))


def _staged(source: Path, target: Path) -> Path:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = Path(tempfile.mkdtemp(prefix=".restoring-", dir=target.parent)) / target.name
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    shutil.copyfile(source, copy)
    return copy


def _restore_postgres(source: Path, url: str, *, limit_seconds: float) -> None:
    from application.eventstore.copy_postgres import restore_postgres

    with closing(open_database(url, pool_size=1)) as database:
        restore_postgres(database, url, source, limit_seconds=limit_seconds)


def _destroy(url: str, erased: Sequence[UUID]) -> None:
    with closing(open_database(url, pool_size=1)) as database:
        # They may come from an older version.
        migrate(database, part=KEYS)
        keyring = Keyring(db=database, clock=database.now, random_bytes=secrets.token_bytes)
        for stream_id in erased:
            if keyring.destroyed_at(stream_id) is None:
                keyring.destroy(stream_id)


def _put_in_place(moves: dict[str, tuple[Path, Path]]) -> None:
    """Return the files their names, where nobody else has taken them meanwhile: the keys, then the events."""
    for staged, _ in moves.values():
        log = staged.with_name(f"{staged.name}-wal")
        if log.exists() and log.stat().st_size:
            raise DatabaseError("somebody has the restored files open")
        flush(staged)
    done: list[Path] = []
    try:
        for staged, target in moves.values():
            target.hardlink_to(staged)
            done.append(target)
            flush(target.parent)
    except BaseException:
        for target in done:
            target.unlink()
        raise
