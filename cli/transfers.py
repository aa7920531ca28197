"""`careledger transfers`: which children are on their way to another class or school."""

from dataclasses import asdict
from typing import Annotated

import typer

from application.system import reports_of
from cli import heading
from cli.options import AnyOrg, Json
from cli.session import known_org, operator, session_of
from cli.terminal import show_table
from domain.refusal import Text
from domain.rules.clocks import clocks

ALL = 100_000


def transfers(
    ctx: typer.Context,
    *,
    org: AnyOrg = "",
    overdue: Annotated[
        bool, typer.Option("--overdue", help="仅逾期未办的 / only those that are overdue")
    ] = False,
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
    columns = (
        Text(zh="学籍号", en="Student no."),
        Text(zh="姓名", en="Name"),
        Text(zh="转出机构", en="From"),
        Text(zh="转入机构", en="To"),
        Text(zh="提出日期", en="Proposed"),
        Text(zh="待办天数", en="Days open"),
        Text(zh="逾期", en="Overdue"),
        Text(zh="提出人", en="Proposed by"),
        Text(zh="移交事项", en="Open duties"),
        Text(zh="未结预警", en="Open alerts"),
    )
    rows = [
        (
            each.student_no,
            each.name,
            each.org,
            each.to,
            each.proposed_on,
            each.days_open,
            "✓" if each.overdue else "",
            each.proposed_by,
            "\n".join(each.duties),
            len(each.open_alerts),
        )
        for each in found
    ]

    def table() -> None:
        show_table(columns, rows, language=session.language)

    answer = {"items": [asdict(transfer) for transfer in found]}
    heading.report(session, head, answer, show=table, notes=notes, as_json=as_json)
