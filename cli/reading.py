"""Questions: children, their history, compliance, alerts, the figures of a school."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import typer

from application.access import Action
from application.asking import clocks_of
from application.report_lines import OrgCompliance
from application.system import System
from cli.leaving_out import LeftOut
from cli.options import AnyOrg, AsKnownAt, AsOf, Json, On, Org
from cli.session import known_org, operator, session_of
from cli.terminal import note, say, show_json, show_table
from domain.catalogue import care_actions_by_type
from domain.child import Child, fold
from domain.days import local_day
from domain.decisions import UNKNOWN_CHILD
from domain.history import Entry, carers_in
from domain.history import history as entries_of
from domain.refusal import Fault, Text, Unknown
from domain.rules.clocks import Clocks

STUDENT_NO = Text(zh="学籍号", en="Student no.")
DAYS_SILENT = Text(zh="失联天数", en="Days silent")


def children(
    ctx: typer.Context,
    *,
    uncontacted_days: Annotated[
        int | None,
        typer.Option(
            "--uncontacted-days", min=0, metavar="N", help="失联不少于 N 天 / silent for N days or more"
        ),
    ] = None,
    on: On = None,
    org: AnyOrg = "",
    as_json: Json = False,
) -> None:
    """列出儿童与失联天数 / List children and how long nobody has reached them."""
    session, left_out = session_of(ctx), LeftOut()
    with session.system() as system:
        org = known_org(system, org)
        found = left_out.reports(system).children(org=org, uncontacted_days=uncontacted_days, on=on)
    rows = [(c.student_no, c.name, c.last_contact_on, c.days_silent) for c in found]
    left_out.head(as_json=as_json)
    if as_json:
        show_json(
            [
                dict(zip(("student_no", "name", "last_contact_on", "days_silent"), r, strict=True))
                for r in rows
            ]
        )
        left_out.end()
        return
    columns = (
        STUDENT_NO,
        Text(zh="姓名", en="Name"),
        Text(zh="最近联系", en="Last contact"),
        DAYS_SILENT,
    )
    show_table(columns, rows, language=session.language)
    left_out.end()


def history(
    ctx: typer.Context,
    *,
    child: Annotated[str, typer.Argument(metavar="CHILD", help="编号或学籍号 / id or student number")],
    as_of: AsOf = None,
    as_known_at: AsKnownAt = None,
    as_json: Json = False,
) -> None:
    """一名儿童的全部记录 / Everything that was recorded of one child."""
    session = session_of(ctx)
    with session.system() as system:
        asked, found = _child_as_asked(system, child, as_of=as_of, as_known_at=_moment(as_known_at))
        names = system.carers.names(carers_in(found))
        entries = entries_of(found, names=names)
    if as_json:
        show_json({"child_id": found.child_id, "version": found.version, "items": entries, "clocks": asked})
        return
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
    rows = [
        (
            entry.version,
            entry.occurred_on,
            entry.written_on,
            local_day(entry.recorded_at) if entry.recorded_at else None,
            entry.recorded_by,
            _numbered(getattr(entry.text, session.language), numbers),
            _listed(
                (getattr(state, session.language) for state in _states(entry, numbers)), session.language
            ),
        )
        for entry in entries
    ]
    show_table(columns, rows, language=session.language)
    if not entries:
        note(
            Text(zh="当时系统中还没有这名儿童的记录。", en="Nothing was known of this child then."),
            language=session.language,
        )
    _note_clipped(asked, language=session.language)


def compliance(
    ctx: typer.Context,
    *,
    org: Org,
    rule: Annotated[str, typer.Option("--rule", help="规则编号，如 C39 / id of the rule, such as C39")],
    period: Annotated[str, typer.Option("--period", help="周期，如 2026-05、2026-W10、2026-spring / period")],
    as_of: AsOf = None,
    as_known_at: AsKnownAt = None,
    as_json: Json = False,
) -> None:
    """规则达标情况，附依据 / Whether a rule was met, and on what evidence."""
    session, left_out = session_of(ctx), LeftOut()
    with session.system() as system:
        system.organisations.unit(org)
        found = left_out.reports(system).org_compliance(
            org=org, rule_id=rule, period=period, as_of=as_of, as_known_at=_moment(as_known_at)
        )
        days = (
            {}
            if as_json
            else _days(system, found, known_at=None if as_known_at is None else found.clocks.as_known_at)
        )
    numbers = {
        name: getattr(found, name)
        for name in ("bound", "due", "met", "pending", "not_applicable", "unspecified")
    }
    left_out.head(as_json=as_json)
    if as_json:
        short = [
            {
                "student_no": s.student_no,
                "counted": s.counted,
                "required": s.required,
                "rejected": [{"event_id": r.event_id, "reason": r.reason} for r in s.rejected],
            }
            for s in found.short
        ]
        left_out.show_json({**numbers, "short": short})
    else:
        labels = {
            "bound": Text(zh="适用该规则", en="Rule bound"),
            "due": Text(zh="应达标", en="Due"),
            "met": Text(zh="达标", en="Met"),
            "pending": Text(zh="进行中", en="Pending"),
            "not_applicable": Text(zh="不适用", en="Not applicable"),
            "unspecified": Text(zh="未定次数", en="Unspecified"),
        }
        show_table([labels[n] for n in numbers], [list(numbers.values())], language=session.language)
        columns = (
            STUDENT_NO,
            Text(zh="应有", en="Required"),
            Text(zh="已计", en="Counted"),
            Text(zh="计入的日期", en="Counted, of"),
            Text(zh="未计入及原因", en="Not counted, why"),
        )
        rows = [
            (
                s.student_no,
                s.required,
                len(s.counted),
                _listed((days.get(i, str(i)) for i in s.counted), session.language),
                "\n".join(
                    f"{days.get(r.event_id, r.event_id)} {getattr(r.reason, session.language)}"
                    for r in s.rejected
                ),
            )
            for s in found.short
        ]
        say(
            Text(
                zh=f"{found.rule_id}，{found.period.first} 至 {found.period.last}，"
                f"未达标 {len(rows)} 人{'：' if rows else '。'}",
                en=f"{found.rule_id} from {found.period.first} to {found.period.last}, "
                f"{len(rows)} short{':' if rows else '.'}",
            ),
            language=session.language,
        )
        if rows:
            show_table(columns, rows, language=session.language)
    _note_clipped(found.clocks, language=session.language)
    left_out.end()


def alerts(ctx: typer.Context, *, on: On = None, org: AnyOrg = "", as_json: Json = False) -> None:
    """当日结束时的失联预警 / What the ladder of silence shows at the end of a day."""
    session, left_out = session_of(ctx), LeftOut()
    with session.system() as system:
        org = known_org(system, org)
        found = left_out.reports(system).ladder_on(on or local_day(system.now()), org=org)
    left_out.head(as_json=as_json)
    if as_json:
        names = ("student_no", "step", "days_silent", "since")
        show_json([{name: getattr(line, name) for name in names} for line in found])
        left_out.end()
        return
    columns = (STUDENT_NO, Text(zh="级别", en="Step"), DAYS_SILENT, Text(zh="失联起始", en="Silent since"))
    rows = [(x.student_no, getattr(x.step, session.language), x.days_silent, x.since) for x in found]
    show_table(columns, rows, language=session.language)
    left_out.end()


def summary(ctx: typer.Context, *, org: Org, as_json: Json = False) -> None:
    """学校概况 / A school in figures."""
    session, left_out = session_of(ctx), LeftOut()
    with session.system() as system:
        system.organisations.unit(org)
        found = left_out.reports(system).summary(org)
    left_out.head(as_json=as_json)
    if as_json:
        left_out.show_json(asdict(found))
        left_out.end()
        return
    school, roster, log = found.school, found.roster, found.care_log
    rows = [
        (Text(zh="学生", en="Pupils"), school.pupils),
        (Text(zh="留守儿童", en="Left-behind children"), school.left_behind),
        (Text(zh="占比（%）", en="Share (%)"), school.rate_percent),
        (Text(zh="双亲外出", en="Both parents away"), school.both_parents_away),
        (Text(zh="单亲外出", en="One parent away"), school.single_parent_away),
        (Text(zh="在册", en="In care"), roster.children),
        (Text(zh="已结对", en="Paired"), roster.paired),
        (Text(zh="未结对", en="Not paired"), roster.unpaired),
        (Text(zh="帮扶人", en="Carers"), roster.carers),
        (Text(zh="关爱记录", en="Care actions"), log.recorded),
        *((_label(word), number) for word, number in log.per_type.items()),
        (Text(zh="迟登超过 5 天", en="Written down more than 5 days late"), log.late_over_5_days),
    ]
    columns = (Text(zh="项目", en="Figure"), Text(zh="数", en="Number"))
    shown = [(getattr(label, session.language), number) for label, number in rows]
    show_table(columns, shown, language=session.language)
    left_out.end()


def _label(word: str) -> Text:
    """Give the label of a kind of care action, known by its first word in a care log."""
    actions = care_actions_by_type().values()
    return next(
        (Text(zh=word, en=a.label.en) for a in actions if word in a.paper[:1]), Text(zh=word, en=word)
    )


def _child_as_asked(
    system: System, word: str, *, as_of: date | None, as_known_at: date | datetime | None
) -> tuple[Clocks, Child]:
    asked = clocks_of(system.log, now=system.now(), as_of=as_of, as_known_at=as_known_at)
    child_id = _child_id(system, word)
    # Whether the child may be known is decided by what is known today.
    events = system.record.child(child_id, actor=operator(), action=Action.READ)
    if as_known_at is not None:
        events = system.log.stream(child_id, known_at=asked.as_known_at)
    return asked, fold(child_id, events, as_of=as_of)


def _days(system: System, found: OrgCompliance, *, known_at: datetime | None) -> dict[UUID, str]:
    """Tell of each piece of evidence against the short children on which day it happened, as known then."""
    evidence = [s.child_id for s in found.short if s.counted or s.rejected]
    streams = system.log.streams(evidence, known_at=known_at)
    return {
        fact.event_id: fact.day.isoformat()
        for child_id, events in streams.items()
        for fact in fold(child_id, events).entries
    }


def _child_id(system: System, word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError:
        found = system.record.meant((word,), scope="")[word]
    if len(found) != 1:
        raise Unknown(Fault(reason=UNKNOWN_CHILD))
    return found[0]


def _moment(asked: object) -> date | datetime | None:
    assert asked is None or isinstance(asked, date)
    return asked


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


def _listed(words: Iterable[str], language: str) -> str:
    return {"zh": "、", "en": ", "}[language].join(words)


def _note_clipped(asked: Clocks, *, language: str) -> None:
    if asked.clipped:
        note(
            Text(
                zh="所问的知情时间尚未到来，按目前已知回答。",
                en="That moment of knowledge is still to come: answered as known now.",
            ),
            language=language,
        )
