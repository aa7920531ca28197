"""Every report that is declared, as a command: its filters are options, its answer has four formats."""

from collections.abc import Callable, Mapping
from datetime import date
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.heading import FORMAT, OUTPUT, Format, Shown, format_asked, show_answer, show_filled
from cli.leaving_out import LeftOut
from cli.options import Json, read_day, read_day_or_moment
from cli.session import Session, known_org, operator, session_of
from cli.terminal import listed, reading_bar, say
from reports.answering import Answer, about, answer_of, head_of, shown_values
from reports.catalogue import reports
from reports.report import Asked, Filter, Kind, Report

# By what a filter takes: the type of its option, and how it is read.
_OPTIONS: dict[Kind, tuple[Any, dict[str, Any]]] = {
    Kind.ORG: (str, {}),
    Kind.DAY: (date, {"parser": read_day}),
    Kind.DAY_OR_MOMENT: (str, {"parser": read_day_or_moment}),
    Kind.WHOLE: (int, {}),
    Kind.WORD: (str, {}),
    Kind.FLAG: (bool, {}),
}
# So many words of a filter the help names; the others are named where a word is refused.
MOST_NAMED = 12
# Before the names of filters, some of which are words of Python.
_ASKED = "asked_"


def add_reports(app: typer.Typer, *, groups: Mapping[str, typer.Typer]) -> None:
    """Add a command for each report, listed under its topic.

    Where a group has the name of one, that is what the group does by itself.
    """
    for report in reports().values():
        if report.name in groups:
            show = groups[report.name].callback(invoke_without_command=True, no_args_is_help=False)
            show(command_of(report))
        else:
            panel = f"{report.topic.zh} / {report.topic.en}"
            app.command(report.name, rich_help_panel=panel)(command_of(report))


def command_of(report: Report) -> Callable[..., None]:
    """Make the command of a report."""

    def command(
        ctx: typer.Context, *, as_json: bool, wanted: Format | None, output: Path | None, **asked: object
    ) -> None:
        if ctx.invoked_subcommand is not None:
            return
        chosen = format_asked(as_json=as_json, wanted=wanted, output=output)
        values = {name.removeprefix(_ASKED): value for name, value in asked.items()}
        _run(session_of(ctx), report, values, chosen=chosen, output=output)

    keyword = Parameter.KEYWORD_ONLY
    taken = [
        Parameter("ctx", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
        *(_parameter(each) for each in report.filters),
        Parameter("as_json", keyword, annotation=Json, default=False),
        Parameter("wanted", keyword, annotation=FORMAT, default=None),
        Parameter("output", keyword, annotation=OUTPUT, default=None),
    ]
    command.__signature__ = Signature(taken)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in taken}
    command.__doc__ = f"{report.text.zh} / {report.text.en}"
    return command


def _parameter(asked: Filter) -> Parameter:
    kind, more = _OPTIONS[asked.kind]
    if asked.kind is Kind.WHOLE:
        more = {"min": asked.least}
    if asked.words:
        more = {"parser": _one_of(asked)}
    option = typer.Option(
        f"--{asked.name.replace('_', '-')}",
        metavar=asked.metavar or (asked.name.upper() if asked.words else None),
        help=f"{asked.text.zh}{_named(asked, 'zh')} / {asked.text.en}{_named(asked, 'en')}",
        **more,
    )
    default: Any = False if asked.kind is Kind.FLAG else None
    optional = asked.required or asked.kind is Kind.FLAG
    return Parameter(
        f"{_ASKED}{asked.name}",
        Parameter.KEYWORD_ONLY,
        annotation=Annotated[kind if optional else kind | None, option],
        default=Parameter.empty if asked.required else default,
    )


def _one_of(asked: Filter) -> Callable[[str], str]:
    """Read one of the words that a filter knows."""

    def read(word: str) -> str:
        if word not in asked.words:
            raise typer.BadParameter(", ".join(asked.words))
        return word

    return read


def _named(asked: Filter, language: str) -> str:
    """Name the words that a filter knows; where they are many, say how to see them."""
    if not asked.words:
        return ""
    many = len(asked.words) > MOST_NAMED
    words = {"zh": "写 ? 可见全部", "en": "? shows them"}[language] if many else listed(asked.words, language)
    return f"。可选：{words}" if language == "zh" else f"; one of: {words}"


def _run(
    session: Session, report: Report, values: dict[str, object], *, chosen: Format, output: Path | None
) -> None:
    left_out, quiet = LeftOut(), chosen is not Format.TABLE
    org = str(values.pop("org", None) or "")
    with session.system() as system, reading_bar(language=session.language, quiet=quiet) as progress:
        asked = Asked(
            system=system,
            reports=left_out.reports(system, progress=progress),
            actor=operator(),
            org=known_org(system, org),
            values=values,
        )
        answer = answer_of(report, asked)
        head = head_of(system, population=answer.found.population, clocks=answer.found.clocks)
    show_answer(
        session,
        head,
        Shown(
            body=answer.body,
            notes=answer.notes,
            tables=answer.whole,
            about=about(answer, head.text, shown_values(report, asked, session.language), session.language),
            draw=lambda: _draw(answer, language=session.language),
        ),
        chosen=chosen,
        output=output,
        left_out=left_out,
    )


def _draw(answer: Answer, *, language: str) -> None:
    """Draw every table below its title."""
    if answer.found.title is not None:
        say(answer.found.title, language=language)
    for each in answer.tables:
        if each.title is not None and len(answer.report.tables) > 1:
            say(each.title, language=language)
            if not each.rows:
                # Its title says so.
                continue
        show_filled(each, language=language)
