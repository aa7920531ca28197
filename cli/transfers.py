"""`careledger transfers`: which children are on their way to another class or school."""

from dataclasses import asdict
from typing import Annotated

import typer

from application.children.transfers import OpenTransfer
from application.system import reports_of
from cli import heading
from cli.options import AnyOrg, Json
from cli.session import known_org, operator, session_of
from cli.terminal import Columns, show_items
from domain.refusal import Text
from domain.rules.clocks import clocks

ALL = 100_000
Overdue = Annotated[bool, typer.Option("--overdue", help="仅逾期未办的 / only those that are overdue")]
COLUMNS: Columns[OpenTransfer] = (
    (Text(zh="学籍号", en="Student no."), lambda each: each.student_no),
    (Text(zh="姓名", en="Name"), lambda each: each.name),
    (Text(zh="转出机构", en="From"), lambda each: each.org),
    (Text(zh="转入机构", en="To"), lambda each: each.to),
    (Text(zh="提出日期", en="Proposed"), lambda each: each.proposed_on),
    (Text(zh="待办天数", en="Days open"), lambda each: each.days_open),
    (Text(zh="逾期", en="Overdue"), lambda each: "✓" if each.overdue else ""),
    (Text(zh="提出人", en="Proposed by"), lambda each: each.proposed_by),
    (Text(zh="移交事项", en="Open duties"), lambda each: "\n".join(each.duties)),
    (Text(zh="未结预警", en="Open alerts"), lambda each: len(each.open_alerts)),
)
NO_TRANSFERS = Text(zh="没有待接收的转接。", en="No transfer is waiting for an answer.")
NO_OVERDUE = Text(zh="没有逾期未办的转接。", en="No transfer is overdue.")


def transfers(
    ctx: typer.Context,
    *,
    org: AnyOrg = "",
    overdue: Overdue = False,
    as_json: Json = False,
) -> None:
    """待接收的转接，最久的在前 / Transfers that nobody has decided yet, the longest open first."""
    session = session_of(ctx)
    with session.system() as system:
        org = known_org(system, org)
        found = system.transfers.undecided(actor=operator(), org=org, limit=ALL)
        head = heading.head_of(system, population=heading.ENROLLED, clocks=clocks(now=system.now()))
        notes = () if found else heading.nobody(reports_of(system), org=org)
    found = [transfer for transfer in found if transfer.overdue or not overdue]

    def table() -> None:
        show_items(found, COLUMNS, language=session.language, empty=NO_OVERDUE if overdue else NO_TRANSFERS)

    answer = {"items": [asdict(transfer) for transfer in found]}
    heading.report(session, head, answer, show=table, notes=notes, as_json=as_json)
