"""`careledger template …`: workbooks to fill in and import."""

from pathlib import Path
from typing import Annotated

import typer

from application.intake.papers.templates import TEMPLATES, template_book
from cli.reasons import FILE_EXISTS
from cli.session import session_of
from cli.terminal import note
from domain.refusal import Text, conflict

Name = Annotated[str, typer.Argument(metavar="|".join(TEMPLATES), help="哪一种 / which one")]
To = Annotated[
    Path | None, typer.Argument(metavar="[FILE.xlsx]", dir_okay=False, help="写到哪个文件 / where to")
]


def _template(name: str) -> str:
    if name not in TEMPLATES:
        raise typer.BadParameter(", ".join(TEMPLATES))
    return name


def template(ctx: typer.Context, *, name: Name, to: To = None) -> None:
    """写一份空白表格，供填写后导入 / Write a workbook to fill in and import."""
    session = session_of(ctx)
    target = to or Path(f"{TEMPLATES[_template(name)].title}.xlsx")
    if target.exists():
        raise conflict(FILE_EXISTS)
    target.write_bytes(template_book(_template(name)))
    note(Text(zh=f"已写入 {target}", en=f"Written to {target}"), language=session.language)
