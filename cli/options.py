"""Options and arguments that several commands take."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer


def read_day(text: str) -> date:
    """Read a day written 2026-03-31."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a day, no moment
    except ValueError:
        raise typer.BadParameter("日期应写作 2026-03-31 / a day is written 2026-03-31") from None


def read_day_or_moment(text: str) -> date | datetime:
    """Read a day, or a moment with its offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None and moment.tzinfo is not None and 1990 <= moment.year < 9999:
        return moment
    return read_day(text)


Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出 / print JSON")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="文件 / the file")]
Org = Annotated[str, typer.Option("--org", help="机构路径“县/镇/学校” / COUNTY/TOWNSHIP/SCHOOL")]
AnyOrg = Annotated[str, typer.Option("--org", help="机构路径，默认全部 / organisation path; default: all")]
OrgOrRoot = Annotated[str | None, typer.Option("--org", help="机构路径“县/镇/学校” / COUNTY/TOWNSHIP/SCHOOL")]
Root = Annotated[
    bool,
    typer.Option(
        "--root",
        help="运维方自己的，接收任何机构都无人接收的预警 / the operator's own recipient, for "
        "what nobody else gets",
    ),
]
On = Annotated[
    date | None,
    typer.Option("--on", parser=read_day, metavar="DATE", help="截至该日，默认今天 / day; default: today"),
]
AsOf = Annotated[
    date | None,
    typer.Option("--as-of", parser=read_day, metavar="DATE", help="该日的事实 / what was true on this day"),
]
AsKnownAt = Annotated[
    str | None,
    typer.Option(
        "--as-known-at",
        parser=read_day_or_moment,
        metavar="DATE|MOMENT",
        help="当时已知的情况 / what was known then",
    ),
]


def moment_asked(asked: object) -> date | datetime | None:
    """Return what was read of `--as-known-at`."""
    assert asked is None or isinstance(asked, date)
    return asked
