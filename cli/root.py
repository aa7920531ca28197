"""The command itself, before any of its commands: its help and its one option."""

from typing import Annotated, Literal

import typer

Lang = Annotated[
    Literal["zh", "en"] | None,
    typer.Option("--lang", help="语言，默认随终端（LANG） / language; default: the terminal's (LANG)"),
]


def root() -> typer.Typer:
    """Return the command without commands."""
    return typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="CareLedger 关爱台账 / CareLedger, a record of the care given to left-behind children",
    )
