"""`careledger template …`: workbooks to fill in and import."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from application.intake.imports.visit_lines import visit_week
from application.intake.papers.templates import TEMPLATES, template_book
from cli.options import read_day
from cli.reasons import FILE_EXISTS
from cli.session import Session, operator, session_of
from cli.terminal import note
from domain.days import local_day
from domain.refusal import Text, conflict

VISITS = "visits"
NAMES = (*TEMPLATES, VISITS)
Name = Annotated[str, typer.Argument(metavar="|".join(NAMES), help="哪一种 / which one")]
To = Annotated[
    Path | None, typer.Argument(metavar="[FILE.xlsx]", dir_okay=False, help="写到哪个文件 / where to")
]
Org = Annotated[
    str | None,
    typer.Option("--org", help="visits：学校“县/镇/学校” / visits: COUNTY/TOWNSHIP/SCHOOL"),
]
Week = Annotated[
    date | None,
    typer.Option(
        "--week",
        parser=read_day,
        metavar="DAY",
        help="visits：该日所在的一周，默认本周 / visits: the week of this day; default: this one",
    ),
]
ByCarer = Annotated[
    bool,
    typer.Option("--by-carer", help="visits：每名帮扶人一张 / visits: a sheet for each carer"),
]
Carer = Annotated[
    str | None,
    typer.Option("--carer", metavar="NAME", help="visits：只要这名帮扶人的 / visits: of this carer alone"),
]


def _template(name: str) -> str:
    if name not in NAMES:
        raise typer.BadParameter(", ".join(NAMES))
    return name


def template(
    ctx: typer.Context,
    *,
    name: Name,
    to: To = None,
    org: Org = None,
    week: Week = None,
    by_carer: ByCarer = False,
    carer: Carer = None,
) -> None:
    """写一份空白表格，供填写后导入 / Write a workbook to fill in and import."""
    session = session_of(ctx)
    if _template(name) == VISITS:
        title, data = _visits(session, org, day=week, by_carer=by_carer, carer=carer)
    elif org or week or by_carer or carer:
        raise typer.BadParameter(f"--org, --week, --by-carer, --carer: {VISITS}")
    else:
        title, data = TEMPLATES[name].title, template_book(name)
    target = to or Path(f"{title}.xlsx")
    if target.exists():
        raise conflict(FILE_EXISTS)
    target.write_bytes(data)
    note(Text(zh=f"已写入 {target}", en=f"Written to {target}"), language=session.language)


def _visits(
    session: Session, org: str | None, *, day: date | None, by_carer: bool, carer: str | None
) -> tuple[str, bytes]:
    # Not at the top: whoever wants another template need not load it.
    from application.intake.papers.visit_books import visit_book

    if org is None:
        raise typer.BadParameter(f"{VISITS}: --org")
    with session.system() as system:
        found = visit_week(
            org,
            day=day or local_day(system.now()),
            registers=system.registers,
            actor=operator(),
            by_carer=by_carer,
            carer=carer,
        )
    return f"关爱登记表 {found.monday.isoformat()}", visit_book(found)
