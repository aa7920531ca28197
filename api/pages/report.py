"""A report as a page, with its filters as a form; and as a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import falcon
import msgspec

from api import query
from api.errors import faults_shown, status_of
from api.exchange import exchange_of
from api.language import Language, in_language
from api.pages.cells import Cells, sorted_rows
from api.pages.rendering import ANY, LANG, Page, link, refuse_unknown, render, shown
from api.pages.visitors import Visitor
from api.scope import org_asked
from application.access import require
from application.reasons import NOT_FOUND
from domain.days import local_day
from domain.refusal import Fault, Refused, Unknown
from reports import csv_file, workbook
from reports.answering import Answer, about, answer_of, counted, shown_values
from reports.catalogue import reports
from reports.csv_file import csv_of
from reports.left_out import LeftOut
from reports.report import ALL, Asked, Filter, Kind, Report, Visible
from reports.workbook import workbook_of

ROWS = 100
MOST_PAGES = 9_999
MOST_OFFERED = 500
SORT, PAGE, TABLE = "sort", "page", "table"
_READ: Mapping[Kind, Callable[[falcon.Request, str], object]] = {
    Kind.DAY: query.day_asked,
    Kind.DAY_OR_MOMENT: query.moment_asked,
    Kind.WORD: lambda req, name: query.text_asked(req, name, longest=40),
    Kind.FLAG: query.flag_asked,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A filter as a field of a form: what stands in it, and what it proposes."""

    filter: Filter
    value: str
    offered: Mapping[str, str]


class ReportPage(Page):
    """A report as a page."""

    @shown(ANY)
    def on_get(self, req: falcon.Request, resp: falcon.Response, visitor: Visitor, name: str) -> None:
        """Show a report, or its form alone as long as something is missing that must be asked for."""
        report = _report(name)
        refuse_unknown(req, {*(each.name for each in report.addressed), LANG, SORT, PAGE})
        require(visitor.actor, report.action, org=visitor.actor.org)
        fields = self._fields(req, report, visitor)
        answer, left_out, refused, page, most = None, LeftOut(), None, 1, ALL
        if all(each.name in req.params for each in report.addressed if each.required):
            try:
                page = query.whole_asked(req, PAGE, least=1, most=MOST_PAGES, default=1)
                most = ALL if SORT in req.params else page * ROWS + 1
                asked = self.asked(req, report, visitor, left_out)
                unseen = 0 if most == ALL else (page - 1) * ROWS
                answer = answer_of(report, replace(asked, most=most, unseen=unseen))
            except Refused as error:
                refused = error
        render(
            req,
            resp,
            "report.html",
            visitor=visitor,
            status=status_of(refused) if refused else 200,
            report=report,
            fields=fields,
            faults=faults_shown(refused) if refused else (),
            left_out=left_out,
            file=lambda form, table="": link(
                req,
                f"/reports/{report.name}.{form}",
                {name: value for name, value in req.params.items() if name not in (SORT, PAGE)}
                | {TABLE: table if len(report.tables) > 1 else ""},
            ),
            **self._shown(req, answer, page=page, most=most),
        )

    def asked(self, req: falcon.Request, report: Report, visitor: Visitor, left_out: LeftOut) -> Asked:
        """Read what a request asks a report for. Raises what it is refused for."""
        values = {each.name: _read(req, each) for each in report.addressed if each.kind is not Kind.ORG}
        return Asked(
            system=self.system,
            reports=left_out.reports(self.system),
            actor=visitor.actor,
            org=org_asked(req, self.system, action=report.action),
            values=values,
        )

    def _fields(self, req: falcon.Request, report: Report, visitor: Visitor) -> list[Field]:
        language = exchange_of(req).language
        found = []
        for each in report.addressed:
            offered = each.words or each.offered(self.system)
            shown = {word: in_language(text, language) for word, text in offered.items()}
            if each.kind is Kind.ORG:
                paths = self.system.organisations.paths(below=visitor.actor.org)
                shown = dict.fromkeys(paths[:MOST_OFFERED], "")
            found.append(Field(filter=each, value=str(req.params.get(each.name, "")), offered=shown))
        return found

    def _shown(self, req: falcon.Request, answer: Answer | None, *, page: int, most: int) -> dict[str, Any]:
        """Return what the page shows of an answer."""
        if answer is None:
            return {"answer": None, "head": None, "tables": [], "page": 1, "more": False, "sort": ""}
        language, sort = exchange_of(req).language, req.get_param(SORT)
        clocks = {
            name: str(req.params[asked])
            for name, asked in (("as_of", "on"), ("as_of", "as_of"), ("as_known_at", "as_known_at"))
            if asked in req.params
        }
        by_org = any(each.kind is Kind.ORG for each in answer.report.addressed)
        tables, more = [], False
        for filled in answer.tables:
            rows = sorted_rows(filled, sort, language)
            before, total = answer.found.left_out, answer.found.total
            # A table of a page or less is on every one.
            start = (page - 1) * ROWS - before if before + len(rows) > ROWS else 0
            more = more or (before + len(rows) if total is None else total) > before + start + ROWS
            table = _table(
                req, filled, rows[start : start + ROWS], clocks=clocks, by_org=by_org, language=language
            )
            tables.append({**table, "total": total or (len(rows) if len(rows) < most else None)})
        head = counted(answer.found.population, answer.found.clocks)
        return {
            "answer": answer,
            "head": head,
            "tables": tables,
            "page": page,
            "more": more,
            "sort": sort or "",
        }


class ReportFile(ReportPage):
    """A report as a file."""

    @shown(ANY)
    def on_get(
        self, req: falcon.Request, resp: falcon.Response, visitor: Visitor, name: str, form: str
    ) -> None:
        """Answer with the whole of a report as JSON, as a workbook, or with one table of it as CSV."""
        report = _report(name)
        if form not in ("json", "csv", "xlsx"):
            raise Unknown(Fault(reason=NOT_FOUND))
        refuse_unknown(req, {*(each.name for each in report.addressed), LANG, TABLE})
        left_out, language = LeftOut(), exchange_of(req).language
        asked = self.asked(req, report, visitor, left_out)
        answer = answer_of(report, asked)
        day = local_day(self.system.now())
        if form == "json":
            put_json(resp, answer, left_out, language=language)
            return
        put_file(resp, form, f"{report.name}-{day}")
        if form == "csv":
            table = query.word_asked(req, TABLE, [each.name for each in report.tables])
            whole = next((t for t in answer.whole if t.name == table), answer.whole[-1])
            resp.stream = csv_of(whole, language)
            return
        says = about(
            answer,
            counted(answer.found.population, answer.found.clocks),
            shown_values(report, asked, language),
            language,
        )
        resp.data = workbook_of(answer.whole, language=language, about=says, made_at=self.system.now())


def put_file(resp: falcon.Response, form: str, name: str) -> None:
    """Say that an answer is a file of this name."""
    resp.content_type = csv_file.MEDIA if form == "csv" else workbook.MEDIA
    resp.set_header("Content-Disposition", f'attachment; filename="{name}.{form}"')


def put_json(resp: falcon.Response, answer: Answer, left_out: LeftOut, *, language: Language) -> None:
    """Answer with what the command answers as JSON, without the ledger: who asks here need not know of it."""
    found = answer.found
    body = {
        "population": found.population,
        "as_of": found.clocks.as_of,
        "as_known_at": found.clocks.as_known_at,
        **answer.body,
        **left_out.findings,
        "notes": [{"code": each.code, "text": in_language(each, language)} for each in answer.notes],
    }
    resp.content_type = falcon.MEDIA_JSON
    resp.data = msgspec.json.encode(body)


def _table(
    req: falcon.Request,
    filled: Visible,
    rows: Sequence[Any],
    *,
    clocks: Mapping[str, str],
    by_org: bool,
    language: Language,
) -> dict[str, Any]:
    def below(org: str) -> str:
        return link(req, req.path, {**req.params, "org": org, PAGE: ""}) if by_org else ""

    cells = Cells(filled, language=language, clocks=link(req, "", clocks), below=below)
    numbers = cells.numbers(rows[0]) if rows else [False] * len(filled.columns)
    return {
        "filled": filled,
        "columns": list(zip(filled.columns, numbers, strict=True)),
        "rows": [cells.card(row) if filled.cards else cells.row(row) for row in rows],
    }


def _report(name: str) -> Report:
    found = reports().get(name)
    if found is None:
        raise Unknown(Fault(reason=NOT_FOUND))
    return found


def _read(req: falcon.Request, asked: Filter) -> object:
    if asked.name not in req.params:
        return None
    if asked.kind is Kind.WHOLE:
        return query.whole_asked(req, asked.name, least=asked.least, most=MOST_PAGES)
    if asked.words:
        return query.word_asked(req, asked.name, tuple(asked.words))
    return _READ[asked.kind](req, asked.name)
