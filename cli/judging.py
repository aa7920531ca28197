"""`careledger compliance`: whether a rule was met, and on what evidence."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from application.reports.lines import OrgCompliance, Standing
from application.system import System
from cli import heading
from cli.leaving_out import LeftOut
from cli.options import AsKnownAt, AsOf, Json, Org, moment_asked
from cli.session import known_org, session_of
from cli.terminal import listed, reading_bar, say, show_table
from domain.child import fold
from domain.refusal import Text

STUDENT_NO = Text(zh="学籍号", en="Student no.")
LABELS: Mapping[str, Text] = {
    "due": Text(zh="应达标", en="Due"),
    "met": Text(zh="达标", en="Met"),
    "pending": Text(zh="进行中", en="Pending"),
    "not_applicable": Text(zh="不适用", en="Not applicable"),
    "unspecified": Text(zh="未定次数", en="Unspecified"),
}
RuleId = Annotated[str, typer.Option("--rule", help="规则编号，如 C39 / id of the rule, such as C39")]
PeriodName = Annotated[
    str | None,
    typer.Option(
        "--period",
        help="周期，如 2026-05、2026-W10、2026-spring，默认当前 / period; default: the current one",
    ),
]


def compliance(
    ctx: typer.Context,
    *,
    org: Org,
    rule: RuleId,
    period: PeriodName = None,
    as_of: AsOf = None,
    as_known_at: AsKnownAt = None,
    as_json: Json = False,
) -> None:
    """规则达标情况，附依据 / Show whether a rule was met, and on what evidence."""
    session, left_out = session_of(ctx), LeftOut()
    with session.system() as system, reading_bar(language=session.language, quiet=as_json) as progress:
        org = known_org(system, org)
        found = left_out.reports(system, progress=progress).org_compliance(
            org=org, rule_id=rule, period=period, as_of=as_of, as_known_at=moment_asked(as_known_at)
        )
        head = heading.head_of(system, population=heading.WATCHED, clocks=found.clocks)
        known_at = None if as_known_at is None else found.clocks.as_known_at
        days = {} if as_json else _days(system, found, known_at=known_at)

    def tables() -> None:
        _show(found, days=days, language=session.language)

    heading.report(
        session, head, _answer(found), show=tables, notes=found.notes, left_out=left_out, as_json=as_json
    )


def _answer(found: OrgCompliance) -> dict[str, object]:
    return {
        "rule_id": found.rule_id,
        "period": {"name": found.period.name, "first": found.period.first, "last": found.period.last},
        "bound": found.bound,
        **_figures(found),
        **({"unbound": _unbound(found.unbound)} if found.unbound.children else {}),
    }


def _figures(standing: Standing) -> dict[str, object]:
    return {
        **{name: getattr(standing, name) for name in LABELS},
        "short": [
            {
                "student_no": s.student_no,
                "counted": s.counted,
                "required": s.required,
                "rejected": [{"event_id": r.event_id, "reason": r.reason} for r in s.rejected],
            }
            for s in standing.short
        ],
    }


def _unbound(standing: Standing) -> dict[str, object]:
    return {"children": standing.children, **_figures(standing)}


def _show(found: OrgCompliance, *, days: Mapping[UUID, str], language: str) -> None:
    span = f"{found.period.first} – {found.period.last}"
    say(Text(zh=f"{found.rule_id}，{span}", en=f"{found.rule_id}, {span}"), language=language)
    if found.bound:
        bound = Text(zh=f"适用该规则的 {found.bound} 人：", en=f"The {found.bound} for whom it was bound:")
        _show_standing(found, title=bound, days=days, language=language)
    if (other := found.unbound).children:
        unbound = Text(
            zh=f"不适用该规则的 {other.children} 人，假定适用：",
            en=f"The {other.children} for whom it was not, as if it had been:",
        )
        _show_standing(other, title=unbound, days=days, language=language)


def _show_standing(standing: Standing, *, title: Text, days: Mapping[UUID, str], language: str) -> None:
    say(title, language=language)
    show_table(list(LABELS.values()), [[getattr(standing, n) for n in LABELS]], language=language)
    short = standing.short
    say(
        Text(
            zh=f"未达标 {len(short)} 人{'：' if short else '。'}",
            en=f"{len(short)} short{':' if short else '.'}",
        ),
        language=language,
    )
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
            listed((days.get(i, str(i)) for i in s.counted), language),
            "\n".join(
                f"{days.get(r.event_id, r.event_id)} {getattr(r.reason, language)}" for r in s.rejected
            ),
        )
        for s in short
    ]
    if rows:
        show_table(columns, rows, language=language)


def _days(system: System, found: OrgCompliance, *, known_at: datetime | None) -> dict[UUID, str]:
    """Tell of each piece of evidence against the short children on which day it happened, as known then."""
    short = (*found.short, *found.unbound.short)
    evidence = [s.child_id for s in short if s.counted or s.rejected]
    streams = system.log.streams(evidence, known_at=known_at)
    return {
        fact.event_id: fact.day.isoformat()
        for child_id, events in streams.items()
        for fact in fold(child_id, events).entries
    }
