"""`careledger history`: everything that was recorded of one child."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import typer

from application.access import Action
from application.reports.notes import NOTHING_KNOWN
from application.reports.query_clocks import clocks_of
from application.system import System
from cli import heading
from cli.options import AsKnownAt, AsOf, Json, moment_asked
from cli.session import operator, session_of
from cli.terminal import listed, show_entry, show_table, width
from domain.child import Child, fold
from domain.days import local_day
from domain.history import Entry, carers_in
from domain.history import history as entries_of
from domain.reasons import UNKNOWN_CHILD
from domain.refusal import Fault, Text, Unknown
from domain.rules.clocks import Clocks

# Below so many columns a table of the history breaks days and telephone numbers apart.
NARROW = 110


def history(
    ctx: typer.Context,
    *,
    child: Annotated[str, typer.Argument(metavar="CHILD", help="编号或学籍号 / id or student number")],
    as_of: AsOf = None,
    as_known_at: AsKnownAt = None,
    as_json: Json = False,
) -> None:
    """一名儿童的全部记录 / Show everything recorded about one child."""
    session = session_of(ctx)
    with session.system() as system:
        asked, found = _child_as_asked(system, child, as_of=as_of, as_known_at=moment_asked(as_known_at))
        called = system.carers.called(carers_in(found), counties=found.counties)
        entries = entries_of(found, called=called)
        names = {p.principal_id: p.name for p in system.api_keys.principals() if not p.changed}
        head = heading.head_of(system, population=heading.ONE_CHILD, clocks=asked)
    notes = () if entries else (NOTHING_KNOWN,)
    answer = {"child_id": found.child_id, "version": found.version, "items": entries, "clocks": asked}

    def table() -> None:
        if entries:
            _show(entries, names, language=session.language)

    heading.report(session, head, answer, show=table, notes=notes, as_json=as_json)


def _show(entries: Sequence[Entry], names: Mapping[UUID, str], *, language: str) -> None:
    columns = (
        Text(zh="序号", en="No."),
        Text(zh="发生日期", en="Happened"),
        Text(zh="登记日期", en="Written down"),
        Text(zh="我们得知", en="Known since"),
        Text(zh="登记人", en="Recorded by"),
        Text(zh="内容", en="Entry"),
        Text(zh="状态", en="State"),
    )
    numbers = {entry.event_id: entry.version for entry in entries}
    if width() < NARROW:
        _show_below_each_other(entries, numbers, names, columns=columns, language=language)
        return
    rows = [
        (
            entry.version,
            entry.occurred_on,
            entry.written_on,
            local_day(entry.recorded_at) if entry.recorded_at else None,
            _by(entry, names),
            _numbered(getattr(entry.text, language), numbers),
            listed((getattr(state, language) for state in _states(entry, numbers)), language),
        )
        for entry in entries
    ]
    show_table(columns, rows, language=language)


def _show_below_each_other(
    entries: Sequence[Entry],
    numbers: Mapping[UUID, int],
    names: Mapping[UUID, str],
    *,
    columns: Sequence[Text],
    language: str,
) -> None:
    """Show entries one below the other, where a table would break days and numbers apart."""
    written, known, by, *_ = (getattr(column, language) for column in columns[2:])
    for entry in entries:
        facts = {
            written: entry.written_on,
            known: local_day(entry.recorded_at) if entry.recorded_at else None,
            by: _by(entry, names),
        }
        states = listed((getattr(state, language) for state in _states(entry, numbers)), language)
        lines = [
            # Field by field: Chinese has no blanks at which a long line could break.
            *re.split("；|; ", _numbered(getattr(entry.text, language), numbers)),
            "  ".join(f"{label} {value}" for label, value in facts.items() if value),
        ]
        show_entry(f"#{entry.version}  {entry.occurred_on}", [*lines, *([states] if states else [])])


def _by(entry: Entry, names: Mapping[UUID, str]) -> str:
    """Return who recorded an entry, and in brackets the key that it came with and whose that is by now."""
    name = None if entry.principal is None else names.get(entry.principal)
    shown = [part for part in (None if name == entry.recorded_by else name, entry.key) if part]
    return f"{entry.recorded_by} ({', '.join(shown)})" if shown else entry.recorded_by


def _child_as_asked(
    system: System, word: str, *, as_of: date | None, as_known_at: date | datetime | None
) -> tuple[Clocks, Child]:
    asked = clocks_of(system.log, now=system.now(), as_of=as_of, as_known_at=as_known_at)
    child_id = _child_id(system, word)
    # Whether the child may be known is decided by what is known today.
    events = system.record.stream(child_id, actor=operator(), action=Action.READ)
    if as_known_at is not None:
        events = system.log.stream(child_id, known_at=asked.as_known_at)
    return asked, fold(child_id, events, as_of=as_of)


def _child_id(system: System, word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError:
        found = system.record.meant((word,), scope="")[word]
    if len(found) != 1:
        raise Unknown(Fault(reason=UNKNOWN_CHILD))
    return found[0]


def _states(entry: Entry, numbers: Mapping[UUID, int]) -> Iterator[Text]:
    """Say what became of an entry, and which entries did it."""
    if entry.voided_by is not None:
        by = _numbers([entry.voided_by], numbers)
        yield Text(zh=f"已作废（{by}）", en=f"void ({by})")
    if entry.corrected_by:
        by = _numbers(entry.corrected_by, numbers)
        yield Text(zh=f"已更正（{by}）", en=f"corrected ({by})")
    if "occurred_on" in entry.as_recorded:
        day = entry.as_recorded["occurred_on"]
        yield Text(zh=f"原记 {day}", en=f"first said {day}")
    if entry.record_filed_by:
        by = _numbers(entry.record_filed_by, numbers)
        yield Text(zh=f"记录补交（{by}）", en=f"record filed later ({by})")
    if entry.contradicts:
        by = _numbers(entry.contradicts, numbers)
        yield Text(zh=f"与同日 {by} 不一致", en=f"contradicts {by} of the same day")
    if entry.late_days is not None and entry.written_on is not None:
        yield Text(zh=f"迟登 {entry.late_days} 天", en=f"{entry.late_days} days late")
    elif entry.late_days is not None:
        yield Text(zh=f"{entry.late_days} 天后入库", en=f"recorded {entry.late_days} days later")


def _numbers(ids: Iterable[UUID], numbers: Mapping[UUID, int]) -> str:
    return " ".join(f"#{numbers[i]}" if i in numbers else str(i) for i in ids)


def _numbered(text: str, numbers: Mapping[UUID, int]) -> str:
    """Speak of another entry by its number in this table, which is easier to find than its id."""
    for event_id, number in numbers.items():
        text = text.replace(str(event_id), f"#{number}")
    return text
