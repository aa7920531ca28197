"""`careledger history`: everything that was recorded of one child."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import typer

from application.access import Action
from application.reports.notes import NOTHING_KNOWN
from application.reports.query_clocks import clocks_of
from application.system import System
from application.visibility import Purpose
from cli.heading import FORMAT, OUTPUT, Shown, format_asked, show_answer
from cli.options import AsKnownAt, AsOf, Json, moment_asked
from cli.session import operator, session_of
from cli.terminal import NARROW, listed, show_entry, show_table, width
from cli.who import child_meant
from domain.child import Child, fold
from domain.days import local_day
from domain.history import carers_in
from domain.history import history as entries_of
from domain.reasons import UNKNOWN_CHILD
from domain.refusal import Fault, Text, Unknown
from domain.rules.clocks import Clocks
from reports.answering import head_of, of_clocks
from reports.history import HISTORY, Told, told
from reports.report import ONE_CHILD
from reports.showing import shown_to

COLUMNS = (
    Text(zh="序号", en="No."),
    Text(zh="发生日期", en="Happened"),
    Text(zh="登记日期", en="Written down"),
    Text(zh="我们得知", en="Known since"),
    Text(zh="登记人", en="Recorded by"),
    Text(zh="内容", en="Entry"),
    Text(zh="状态", en="State"),
)


def history(
    ctx: typer.Context,
    *,
    child: Annotated[
        str,
        typer.Argument(metavar="CHILD", help="编号、个案编号或学籍号 / id, case number or student number"),
    ],
    as_of: AsOf = None,
    as_known_at: AsKnownAt = None,
    as_json: Json = False,
    wanted: FORMAT = None,
    output: OUTPUT = None,
) -> None:
    """一名儿童的全部记录 / Show everything recorded about one child."""
    chosen = format_asked(as_json=as_json, wanted=wanted, output=output)
    session = session_of(ctx)
    with session.system() as system:
        asked, found = _child_as_asked(system, child, as_of=as_of, as_known_at=moment_asked(as_known_at))
        called = system.carers.called(carers_in(found), counties=found.counties)
        entries = entries_of(found, called=called)
        names = {p.principal_id: p.name for p in system.api_keys.principals() if not p.changed}
        head = head_of(system, population=ONE_CHILD, clocks=asked)
    rows = told(entries, names, actor=operator())
    shown = Shown(
        body={
            "child_id": found.child_id,
            "version": found.version,
            "items": [row.entry for row in rows],
            "clocks": asked,
        },
        notes=[*(() if entries else (NOTHING_KNOWN,)), *of_clocks(asked, now=head.now)],
        tables=(shown_to(HISTORY.filled(rows), operator(), Purpose.EXPORT),),
        about=[("", getattr(head.text, session.language))],
        draw=lambda: _show(rows, language=session.language),
    )
    show_answer(session, head, shown, chosen=chosen, output=output)


def _show(rows: Sequence[Told], *, language: str) -> None:
    if not rows:
        # A note says why.
        return
    if width() < NARROW:
        for row in rows:
            _show_below_each_other(row, language=language)
        return
    cells = [
        (
            row.entry.version,
            row.entry.occurred_on,
            row.entry.written_on,
            _known_since(row),
            row.by,
            getattr(row.text, language),
            listed((getattr(state, language) for state in row.states), language),
        )
        for row in rows
    ]
    show_table(COLUMNS, cells, language=language)


def _show_below_each_other(row: Told, *, language: str) -> None:
    """Show an entry in lines, where a table would break days and numbers apart."""
    written, known, by, *_ = (getattr(column, language) for column in COLUMNS[2:])
    facts = {written: row.entry.written_on, known: _known_since(row), by: row.by}
    states = listed((getattr(state, language) for state in row.states), language)
    lines = [
        # Field by field: Chinese has no blanks at which a long line could break.
        *re.split("；|; ", getattr(row.text, language)),
        "  ".join(f"{label} {value}" for label, value in facts.items() if value),
    ]
    show_entry(f"#{row.entry.version}  {row.entry.occurred_on}", [*lines, *([states] if states else [])])


def _known_since(row: Told) -> date | None:
    return local_day(row.entry.recorded_at) if row.entry.recorded_at else None


def _child_as_asked(
    system: System, word: str, *, as_of: date | None, as_known_at: date | datetime | None
) -> tuple[Clocks, Child]:
    asked = clocks_of(system.log, now=system.now(), as_of=as_of, as_known_at=as_known_at)
    child_id = child_meant(system, word)
    # Whether the child may be known is decided by what is known today.
    events, found = system.record.read(child_id, actor=operator(), action=Action.READ, void_too=True)
    if as_known_at is not None:
        events = system.log.stream(child_id, known_at=asked.as_known_at)
    if found.enrolment is None and fold(child_id, events).enrolment is None:
        raise Unknown(Fault(reason=UNKNOWN_CHILD))
    return asked, fold(child_id, events, as_of=as_of)
