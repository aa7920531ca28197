"""Questions about many children: who they are, how long silent, who is alerted about; a school in figures."""

from dataclasses import asdict
from typing import Annotated

import typer

from application.reports.lines import ChildLine, SilentChild
from cli import heading
from cli.leaving_out import LeftOut
from cli.options import AnyOrg, Json, On, Org
from cli.session import known_org, session_of
from cli.terminal import NOTHING, Columns, reading_bar, show_items, show_table
from domain.catalogue import care_actions_by_type
from domain.refusal import Text
from domain.rules.clocks import clocks

STUDENT_NO = Text(zh="学籍号", en="Student no.")
DAYS_SILENT = Text(zh="失联天数", en="Days silent")
UncontactedDays = Annotated[
    int | None,
    typer.Option(
        "--uncontacted-days", min=0, metavar="N", help="失联不少于 N 天 / silent for N days or more"
    ),
]
CHILDREN: Columns[ChildLine] = (
    (STUDENT_NO, lambda line: line.student_no),
    (Text(zh="姓名", en="Name"), lambda line: line.name),
    (Text(zh="最近联系", en="Last contact"), lambda line: line.last_contact_on),
    (DAYS_SILENT, lambda line: line.days_silent),
    (Text(zh="关注依据", en="Watched as"), lambda line: line.ground),
)
SILENT: Columns[SilentChild] = (
    (STUDENT_NO, lambda line: line.student_no),
    (Text(zh="级别", en="Step"), lambda line: line.step),
    (DAYS_SILENT, lambda line: line.days_silent),
    (Text(zh="失联起始", en="Silent since"), lambda line: line.since),
)
NO_ALERTS = Text(zh="当日没有失联预警。", en="No alert is open at the end of that day.")


def children(
    ctx: typer.Context,
    *,
    uncontacted_days: UncontactedDays = None,
    on: On = None,
    org: AnyOrg = "",
    as_json: Json = False,
) -> None:
    """列出儿童与失联天数 / List children and how long nobody has reached them."""
    session, left_out = session_of(ctx), LeftOut()
    population = heading.ENROLLED if uncontacted_days is None else heading.WATCHED
    with session.system() as system, reading_bar(language=session.language, quiet=as_json) as progress:
        org = known_org(system, org)
        reports = left_out.reports(system, progress=progress)
        head = heading.head_of(system, population=population, clocks=clocks(now=system.now(), as_of=on))
        found = reports.children(org=org, uncontacted_days=uncontacted_days, on=on)
        notes = () if found else heading.nobody(reports, org=org, on=on)
    names = ("student_no", "name", "last_contact_on", "days_silent")
    items = [{n: getattr(line, n) for n in names} | {"watched": line.ground} for line in found]

    def table() -> None:
        show_items(found, CHILDREN, language=session.language, empty=_nobody_silent(uncontacted_days))

    heading.report(
        session, head, {"items": items}, show=table, notes=notes, left_out=left_out, as_json=as_json
    )


def alerts(ctx: typer.Context, *, on: On = None, org: AnyOrg = "", as_json: Json = False) -> None:
    """当日结束时的失联预警 / What the ladder of silence shows at the end of a day."""
    session, left_out = session_of(ctx), LeftOut()
    with session.system() as system, reading_bar(language=session.language, quiet=as_json) as progress:
        org = known_org(system, org)
        reports = left_out.reports(system, progress=progress)
        asked = clocks(now=system.now(), as_of=on)
        head = heading.head_of(system, population=heading.WATCHED, clocks=asked)
        found = reports.silent_on(asked.as_of, org=org)
        notes = () if found else heading.nobody(reports, org=org, on=on)
    names = ("student_no", "step", "days_silent", "since")
    items = [{name: getattr(line, name) for name in names} for line in found]

    def table() -> None:
        show_items(found, SILENT, language=session.language, empty=NO_ALERTS)

    heading.report(
        session, head, {"items": items}, show=table, notes=notes, left_out=left_out, as_json=as_json
    )


def summary(ctx: typer.Context, *, org: Org, as_json: Json = False) -> None:
    """学校概况 / A school in figures."""
    session, left_out = session_of(ctx), LeftOut()
    with session.system() as system, reading_bar(language=session.language, quiet=as_json) as progress:
        org = known_org(system, org)
        reports = left_out.reports(system, progress=progress)
        head = heading.head_of(system, population=heading.WATCHED, clocks=clocks(now=system.now()))
        found = reports.summary(org)
        notes = () if found.roster.children else heading.nobody(reports, org=org)
    school, roster, log = found.school, found.roster, found.care_log
    rows = [
        (Text(zh="学生", en="Pupils"), school.pupils),
        (Text(zh="留守儿童", en="Left-behind children"), school.left_behind),
        (Text(zh="占比（%）", en="Share (%)"), school.rate_percent),
        (Text(zh="双亲外出", en="Both parents away"), school.both_parents_away),
        (Text(zh="单亲外出", en="One parent away"), school.single_parent_away),
        (Text(zh="父母去向不明", en="Whereabouts of a parent unknown"), school.whereabouts_unknown),
        (Text(zh="在册", en="In care"), roster.children),
        (Text(zh=f"关注（{found.population}）", en=f"Watched ({found.population})"), roster.watched),
        (Text(zh="已结对", en="Paired"), roster.paired),
        (Text(zh="未结对", en="Not paired"), roster.unpaired),
        (Text(zh="帮扶人", en="Carers"), roster.carers),
        (Text(zh="关爱记录", en="Care actions"), log.recorded),
        *((_label(word), number) for word, number in log.per_type.items()),
        (Text(zh="迟登超过 5 天", en="Written down more than 5 days late"), log.late_over_5_days),
    ]
    columns = (Text(zh="项目", en="Figure"), Text(zh="数", en="Number"))
    shown = [(getattr(label, session.language), number) for label, number in rows]

    def table() -> None:
        show_table(columns, shown, language=session.language)

    heading.report(session, head, asdict(found), show=table, notes=notes, left_out=left_out, as_json=as_json)


def _nobody_silent(days: int | None) -> Text:
    """Return what an empty list of children says."""
    if days is None:
        return NOTHING
    return Text(zh=f"没有失联达 {days} 天的儿童。", en=f"No child has gone {days} days without a contact.")


def _label(word: str) -> Text:
    """Return the label of a kind of care action, known by its first word in a care log."""
    actions = care_actions_by_type().values()
    return next(
        (Text(zh=word, en=a.label.en) for a in actions if word in a.paper[:1]), Text(zh=word, en=word)
    )
