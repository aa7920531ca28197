"""`careledger check`: whether the log is whole, and what is kept beside it says the same."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import typer

from application.eventstore.database import Database, DatabaseError
from application.eventstore.keyring import KeysMissing, SecretMissing
from application.eventstore.log import UNREADABLE, EventLog
from application.eventstore.roles import owns_the_tables
from application.eventstore.soundness import unsound
from application.intake.beside_batches import Stray, strays
from application.intake.imports.paper import Progress
from application.keys import ledger
from application.system import System
from application.upkeep.derived_rows import Strange, strange_rows
from application.upkeep.merges import half_merges
from application.upkeep.processes import Process
from cli import timers
from cli.options import Json
from cli.session import Session, session_of
from cli.terminal import progress_bar, say, show_json
from cli.upkeep import Finding, show_findings
from domain.catalogue import served_kinds, types_with
from domain.effects import Effect
from domain.event import Event
from domain.refusal import Text
from domain.streams.carers.carer import CarerRegistered
from domain.streams.organisations.unit import OrgUnitCreated
from projections import status
from projections.following import FOLLOWERS
from projections.positions import awaited, awaited_places, every_place, position_of
from projections.runner import MODELS, ReadModel

EVENTS_AT_ONCE = 500
Look = Callable[[], Iterable[Finding]]
LOST_AT_THE_END = "lost_at_the_end"
NOTES = {
    LOST_AT_THE_END: Text(
        zh="丢失在最后的内容（整份档案，或一份档案最后的几条）不留痕迹，核对不出",
        en="Losses at the very end (a whole file, or the last entries of one) leave no trace "
        "and can't be found.",
    ),
    "positions_may_be_missing": Text(
        zh="在 PostgreSQL 上，未写成的保存也会占用序号：序号中的空缺不说明丢失",
        en="On PostgreSQL an aborted save uses up a position too, so a gap in positions proves no loss.",
    ),
    "not_sealed": Text(
        zh="登记时间与序号不在封印之内：只能核对先后，不能证明未被改动",
        en="`recorded_at` and the position are not covered by the seal; only their order is checked.",
    ),
    "compliance_not_compared": Text(
        zh="达标结果未与事件比对：如有怀疑请用 careledger rebuild 重新判定",
        en="Compliance was not compared. If in doubt, have it judged again by `careledger rebuild`.",
    ),
    "erased_not_compared": Text(
        zh="已删除的档案只核对完整性，其状态行不作比对",
        en="The status rows of erased files are not compared.",
    ),
    "one_role": Text(
        zh="服务所用的数据库角色拥有事件表，可以解除防改触发器；见运行手册“两个角色”",
        en="The service's database role owns the event table and could drop its triggers: see *Two roles* in "
        "docs/operations.md.",
    ),
    "types_not_known_everywhere": Text(
        zh="有旧版本进程仍在运行，不认识新的类型；升级完成前这些类型不予登记",
        en="A process of an older version is running. Types that it doesn't know are not recorded until the "
        "upgrade is complete.",
    ),
    "read_model_behind": Text(
        zh="读模型尚未读到最后：其后的事件未作比对",
        en="A read model is behind the log. What it has not read yet was not compared.",
    ),
}


@dataclass(slots=True, kw_only=True)
class Found:
    """What a check of `events` events has found so far. `notes` are codes of what it could not find out."""

    events: int = 0
    findings: list[Finding] = field(default_factory=list)
    unreadable: bool = False
    broken: set[UUID] = field(default_factory=set)
    keyless: set[UUID] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    erased: set[UUID] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)


def check(ctx: typer.Context, *, as_json: Json = False) -> None:
    """核对全部事件与状态 / Read every event, look for gaps, and compare status rows and read models.

    发现问题时以 1 结束；无法核对的内容另行列出 / Exit with 1 if something is wrong.
    What can't be checked is listed.
    """
    session = session_of(ctx)
    found = checked(session, quiet=as_json)
    _say(found, language=session.language, as_json=as_json)
    if found.findings:
        raise typer.Exit(1)


def checked(session: Session, *, quiet: bool) -> Found:
    """Check everything, behind a progress bar unless `quiet`; return what was found."""
    label = Text(zh="核对", en="Checking")
    found = Found()
    with session.system() as system, progress_bar(label, language=session.language, quiet=quiet) as progress:
        found.events, _ = system.log.head()
        _look_at_the_log(system, found)
        _read_the_log(system, found, head=found.events, progress=progress)
        _look_for_keys(system, found)
        _look_for_secrets(system, found)
        _look_beside_the_log(system, found)
        _limits(system, found)
    return found


def _say(found: Found, *, language: str, as_json: bool) -> None:
    notes = [{"code": code, "text": NOTES[code]} for code in found.notes]
    if as_json:
        show_json(
            {
                "events": found.events,
                "erased_streams": len(found.erased),
                "keys_missing": len(found.keyless),
                "ok": not found.findings,
                "findings": found.findings,
                "notes": notes,
                "processes": found.processes,
            }
        )
        return
    say(
        Text(
            zh=f"核对 {found.events} 条事件：{'发现问题' if found.findings else '完好'}",
            en=f"{found.events} events checked: {'something is wrong' if found.findings else 'all is well'}",
        ),
        language=language,
    )
    if found.findings:
        show_findings(found.findings, language=language)
    for code in found.notes:
        say(NOTES[code], language=language)


def _look_at_the_log(system: System, found: Found) -> None:
    for fault in unsound(system.database):
        found.findings.append(Finding(what=fault.fault, where=fault.where, detail=fault.detail))
        if fault.fault == "hole":
            found.broken.add(UUID(fault.where))
    positions = {name: position_of(system.database, name) for name in FOLLOWERS}
    head, _ = system.log.head()
    for name, position in positions.items():
        if position > head:
            # It has read what is not there any more, and what it did with that is still there.
            detail = f"{position}, the log ends at {head}"
            found.findings.append(Finding(what="follower", where=name, detail=detail))


def _read_the_log(system: System, found: Found, *, head: int, progress: Progress) -> None:
    """Read every event, and compare the read models with what is read."""
    compared = _Comparison(system, found)
    for position, events, finding in _read_all(system.log):
        progress(position, head)
        found.erased |= {event.originator_id for event in events if event.erased}
        if isinstance(finding, Finding):
            found.findings.append(finding)
        found.keyless |= finding if isinstance(finding, frozenset) else frozenset()
        found.unreadable |= finding is not None
        compared.take(events)
    compared.end()


def _look_for_keys(system: System, found: Found) -> None:
    """Name each file that has no key; that of an organisation by its path as well."""
    paths = _paths(system, found.keyless)
    for each in sorted(map(str, found.keyless)):
        detail = f"missing, of {paths[each]}" if each in paths else "missing"
        found.findings.append(Finding(what="key", where=each, detail=detail))


def _look_for_secrets(system: System, found: Found) -> None:
    """Name each secret that is not there any more: digests that are made with it can't be compared."""
    for secret in system.keyring.lost(ledger.SecretsSeen(database=system.database).names()):
        found.lost.add(secret.name)
        found.findings.append(Finding(what="secret", where=secret.name, detail=secret.fault))


def _look_beside_the_log(system: System, found: Found) -> None:
    """Look at what is kept beside the log: rows that follow from it, API keys, what waits, the files."""
    looks: dict[str, Look] = {
        "api_key": lambda: _api_keys(system, found),
        "quarantine": lambda: _sealed("quarantine", system.quarantine.unreadable()),
        "paper": lambda: _sealed("paper", system.uploaded_papers.rows.unreadable()),
        "evidence": lambda: _lasting(lambda: list(_sealed("evidence", system.evidence.findings()))),
        "batch": lambda: _lasting(lambda: _strange(strays(system.database))),
        "events": lambda: _damage(system.database, "events"),
        "keys": lambda: _damage(system.keys_database, "keys"),
    }
    if not found.unreadable:
        # A stream that cannot be read can't be folded either: that is said already.
        looks = {
            "status": lambda: _differences(system, found),
            "rows": lambda: _lasting(lambda: _strange_rows(system, found)),
            "merge": lambda: _lasting(lambda: _half_merges(system, found)),
            "child_card": lambda: _lasting(lambda: _cards(system, found)),
            "timer": lambda: _lasting(lambda: _timers(system)),
        } | looks
    for what, look in looks.items():
        found.findings += _tried(what, look)


def _tried(what: str, look: Look) -> list[Finding]:
    """Return what is found; where a value is of no type that it may have, that: the other looks go on."""
    try:
        return list(look())
    except SecretMissing:
        # It is named already.
        return []
    except (KeysMissing, TypeError, ValueError) as error:
        return [Finding(what=what, where="—", detail=type(error).__name__)]


def _api_keys(system: System, found: Found) -> Iterator[Finding]:
    for each in system.api_keys.findings(told=not found.unreadable):
        yield Finding(what=each.of, where=each.where, detail=each.fault)


def _sealed(what: str, items: Iterable[tuple[UUID, str]]) -> Iterator[Finding]:
    for item, fault in items:
        yield Finding(what=what, where=str(item), detail=fault)


class _Comparison:
    """Compares the rows of the read models with the events as these are read."""

    def __init__(self, system: System, found: Found) -> None:
        self._system = system
        self._found = found
        # Asked before any event is read: what was fed later is not compared.
        self._fed = {model.name: position_of(system.database, model.name) for model in MODELS}
        self._put_aside = {model.name: self._letters(model) for model in MODELS}
        self._behind = False

    def take(self, events: Sequence[Event]) -> None:
        """Compare what these events should have left."""
        for model in MODELS:
            fed, put_aside = self._fed[model.name], self._put_aside[model.name]
            mine = [e for e in events if (e.position or 0) <= fed and e.position not in put_aside]
            self._behind |= any((e.position or 0) > fed for e in events)
            for key, columns in model.differing(self._system.database, mine):
                self._say(model, key, ", ".join(columns))

    def end(self) -> None:
        """Look for rows without an event."""
        for model in MODELS:
            for key in model.left_over(self._system.database):
                self._say(model, key, "left over")
        if self._behind:
            self._found.notes.append("read_model_behind")

    def _say(self, model: ReadModel, key: UUID, detail: str) -> None:
        self._found.findings.append(Finding(what=model.name, where=str(key), detail=detail))

    def _letters(self, model: ReadModel) -> set[int]:
        rows = self._system.database.all(
            "SELECT position FROM dead_letter WHERE follower = :name", name=model.name
        )
        return {row["position"] for row in rows}


_Unread = Finding | frozenset[UUID]


def _read_all(log: EventLog) -> Iterator[tuple[int, Sequence[Event], _Unread | None]]:
    """Decrypt and decode every event; of one that can't be read give a finding, or the files without a key.

    Raises HeldUp.
    """
    position, size = 0, EVENTS_AT_ONCE
    head, _ = log.head()
    while position < head:
        events: Sequence[Event] = ()
        unread = None
        try:
            events = awaited(log, position, limit=size)
        except UNREADABLE as error:
            if size > 1:
                size //= 2
                continue
            (place,) = awaited_places(log, position, limit=1)
            position, unread = place.position, _unread(error, position=place.position)
        else:
            position = events[-1].position or position + 1
            size = min(EVENTS_AT_ONCE, 2 * size)
        yield position, events, unread


def _unread(error: Exception, *, position: int) -> _Unread:
    if isinstance(error, KeysMissing) and error.streams:
        return error.streams
    return Finding(what="event", where=str(position), detail=type(error).__name__)


def _paths(system: System, streams: Collection[UUID]) -> dict[str, str]:
    """Return the paths of those streams that are organisations', by their ids."""
    rows = system.database.tuples(
        "SELECT stream_id, path FROM org_unit WHERE stream_id IN :streams", streams=tuple(streams)
    )
    return {str(stream_id): path for stream_id, path in rows}


def _differences(system: System, found: Found) -> Iterator[Finding]:
    for difference in status.differences(system.database, system.log, but=found.broken):
        # The row of an erased child was made while its birthday could still be read.
        if difference.key in found.erased:
            continue
        detail = ", ".join(difference.columns) or "left over"
        yield Finding(what=difference.table, where=str(difference.key), detail=detail)


def _lasting(look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Return what is found twice: what is written while one looks is not there at the first look, or gone at
    the second."""
    if not (first := list(look())):
        return []
    again = set(look())
    return [finding for finding in first if finding in again]


def _strange_rows(system: System, found: Found) -> Iterator[Finding]:
    by_type: dict[str, dict[UUID, None]] = {}
    for place in every_place(system.log):
        by_type.setdefault(place.type, {})[place.stream_id] = None
    keeping = [name for kind in served_kinds().values() if kind.has_to_itself for name in kind.opening]
    rows = strange_rows(
        database=system.database,
        log=system.log,
        lookups=system.lookups,
        kept=(system.record.likenesses, system.record.name_digests),
        children=[i for name in types_with(Effect.IDENTIFIES) for i in by_type.get(name, ())],
        carers=list(by_type.get(CarerRegistered.TYPE, ())),
        units=by_type.get(OrgUnitCreated.TYPE, {}).keys(),
        but=found.erased | found.broken,
        lost=found.lost,
        others=[i for name in keeping for i in by_type.get(name, ())],
    )
    yield from _strange(rows)


def _half_merges(system: System, found: Found) -> Iterator[Finding]:
    merging = {*types_with(Effect.MERGES), *types_with(Effect.TAKES_OVER)}
    files = dict.fromkeys(place.stream_id for place in every_place(system.log) if place.type in merging)
    for each in half_merges(system.log, list(files), but=found.erased | found.broken):
        yield Finding(what="merge", where=str(each.child_id), detail=each.detail)


def _strange(rows: Iterable[Strange | Stray]) -> Iterator[Finding]:
    return (Finding(what=row.table, where=row.where, detail=row.detail) for row in rows)


def _cards(system: System, found: Found) -> Iterator[Finding]:
    for child_id, detail in system.cards.differing(but=found.erased | found.broken):
        yield Finding(what="child_card", where=str(child_id), detail=detail)


def _timers(system: System) -> Iterator[Finding]:
    for timer, what in timers.faults(system):
        yield Finding(what="timer", where=f"{timer.kind} {timer.key}", detail=what)


def _damage(database: Database, name: str) -> Iterator[Finding]:
    if database.dialect != "sqlite":
        return
    try:
        answers = [row["integrity_check"] for row in database.all("PRAGMA integrity_check")]
    except DatabaseError as error:
        answers = [str(error)]
    for answer in answers:
        if answer != "ok":
            yield Finding(what="sqlite", where=name, detail=answer)


def _limits(system: System, found: Found) -> None:
    """Note what a check can't find, so that nobody takes "all is well" for more than it says."""
    found.notes += [LOST_AT_THE_END, "not_sealed"]
    if system.database.dialect == "postgres":
        found.notes.append("positions_may_be_missing")
        if owns_the_tables(system.database):
            found.notes.append("one_role")
    found.processes = system.processes.living()
    if any(process.unknown for process in found.processes):
        found.notes.append("types_not_known_everywhere")
    if found.erased:
        found.notes.append("erased_not_compared")
    found.notes.append("compliance_not_compared")
