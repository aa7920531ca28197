"""`careledger fill-form`: a form of the county's own, filled in with the figures of this ledger."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from application.intake.sheets.filled import Mark, filled
from application.reasons import UNKNOWN_ORG
from cli.leaving_out import LeftOut
from cli.options import Json, read_day
from cli.reasons import FILE_EXISTS
from cli.session import Session, known_org, operator, session_of
from cli.terminal import note, show_items, show_json
from domain.refusal import Fault, Invalid, Reason, Refused, Text, conflict, invalid
from reports.figures import Figure, Figures, figures
from reports.report import Asked

NOTHING_MARKED = Reason(
    code="nothing_marked",
    zh="表中没有要填的单元格；在单元格中写 {指标}，如 {在册儿童}，或 {在册儿童@A}（机构在 A 列）",
    en="No cell is marked: write {figure} into it, or {figure@A}, where column A names whose.",
)
File = Annotated[
    Path | None,
    typer.Argument(metavar="[FORM.xlsx]", exists=True, dir_okay=False, help="做好标记的表 / the marked form"),
]
Org = Annotated[str, typer.Option("--org", help="机构路径，默认全部 / organisation path; all if left out")]
To = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE.xlsx", dir_okay=False, help="写到 / where to")
]
From = Annotated[
    date | None,
    typer.Option("--from", parser=read_day, metavar="DATE", help="统计起始日 / counted from this day"),
]
Until = Annotated[
    date | None, typer.Option("--to", parser=read_day, metavar="DATE", help="统计截止日 / until this day")
]
Listed = Annotated[bool, typer.Option("--figures", help="列出全部指标 / list all figures")]


def fill_form(
    ctx: typer.Context,
    *,
    form: File = None,
    org: Org = "",
    first: From = None,
    last: Until = None,
    output: To = None,
    listed: Listed = False,
    as_json: Json = False,
) -> None:
    """填写上级的表格 / Fill in a form of the county's own with the figures of this ledger."""
    session = session_of(ctx)
    if listed:
        _show(session.language, as_json=as_json)
        return
    if form is None:
        raise typer.BadParameter("FORM.xlsx")
    target = output or form.with_name(
        f"{form.stem}-{last or date.max}.xlsx".replace("-9999-12-31", "-filled")
    )
    if target.exists():
        raise conflict(FILE_EXISTS)
    left_out = LeftOut()
    data, count, notes = _filled(
        session, form, org=org, days={"from": first, "to": last, "on": last}, left_out=left_out
    )
    target.write_bytes(data)
    if as_json:
        said = [{"code": each.code, "text": getattr(each, session.language)} for each in notes]
        show_json({"file": str(target), "filled": count, **left_out.findings, "notes": said})
    done = Text(zh=f"已填 {count} 格：{target}", en=f"{count} cells filled: {target}")
    for each in (*map(_told, notes), done):
        note(each, language=session.language)
    left_out.end()


def _filled(
    session: Session, form: Path, *, org: str, days: Mapping[str, date | None], left_out: LeftOut
) -> tuple[bytes, int, tuple[Reason, ...]]:
    """Return the form as it is filled in, how many cells that were, and what its figures don't say."""
    with session.system() as system:
        asked = Asked(
            system=system,
            reports=left_out.reports(system),
            actor=operator(),
            org=known_org(system, org),
            values=days,
        )
        known = Figures(asked)
        data, count = filled(form.read_bytes(), _values(known, asked))
    if not count:
        raise invalid(NOTHING_MARKED)
    return data, count, known.notes


def _told(reason: Reason) -> Text:
    return Text(zh=f"{reason.code}：{reason.zh}", en=f"{reason.code}: {reason.en}")


def _values(known: Figures, asked: Asked) -> Callable[[Mark], float | int | None]:
    """Return what gives the figure that belongs into a cell; what it refuses says which cell that is."""
    paths = asked.system.organisations.paths(below=asked.org)

    def value(mark: Mark) -> float | int | None:
        try:
            return known.value(mark.name, org=asked.org if mark.of is None else _path(mark, paths))
        except Refused as refused:
            raise Invalid(Fault(reason=_of_cell(mark, refused.reason))) from None

    return value


def _path(mark: Mark, paths: list[str]) -> str:
    """Return the organisation that the form names in full or by its last part. Raises `Invalid`."""
    found = [path for path in paths if mark.of and (path == mark.of or path.rpartition("/")[2] == mark.of)]
    if len(found) != 1:
        raise invalid(UNKNOWN_ORG)
    return found[0]


def _of_cell(mark: Mark, reason: Reason) -> Reason:
    """Say of which cell a reason is."""
    said = mark.name if mark.of is None else f"{mark.name}@{mark.of}"
    zh, en = f"{mark.place}（{said}）：{reason.zh}", f"{mark.place} ({said}): {reason.en}"
    return Reason(code=reason.code, zh=zh, en=en)


def _show(language: str, *, as_json: bool) -> None:
    every = list(figures().values())
    if as_json:
        show_json([{"name": each.name, "title": getattr(each.title, language)} for each in every])
        return
    columns = (
        (Text(zh="名称", en="Name"), lambda each: each.name),
        (Text(zh="指标", en="Figure"), _title),
    )
    show_items(every, columns, language=language)


def _title(figure: Figure) -> Text:
    return figure.title
