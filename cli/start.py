"""Where the command begins: its first page is shown at once, everything else is loaded for whoever asks."""

import gc
import re
import sys
from collections.abc import Callable

import typer.main

from cli.commands import Listed, listed
from cli.one_language import accept_chinese, language_asked, speak
from cli.root import Lang, root

_FIRST_PAGE = re.compile(r"(--lang[ =](zh|en) )?--help")


def main() -> int:
    """Run what the words of the command line say and return its exit code."""
    words = sys.argv[1:]
    if _asks_for_first_page(words) and (commands := listed()) is not None:
        _show(commands, language=language_asked(words))
        return 0
    return _loaded()()


def _loaded() -> Callable[[], int]:
    """Load the commands, which takes longer than the first page to read.

    All of it stays to the end: the collector is neither to look through it meanwhile, nor ever again.
    """
    gc.disable()
    from cli.main import main as run

    gc.freeze()
    gc.enable()
    return run


def _asks_for_first_page(words: list[str]) -> bool:
    return _FIRST_PAGE.fullmatch(" ".join(words)) is not None


def _show(commands: tuple[Listed, ...], *, language: str) -> None:
    app = root()

    @app.callback()
    def begin(lang: Lang = None) -> None:
        """Take the option that the whole command has."""

    for each in commands:
        app.command(each.name, help=each.help, rich_help_panel=each.panel)(_nothing)
    accept_chinese()
    command = typer.main.get_command(app)
    speak(command, language)
    command.main(args=["--help"], prog_name="careledger", standalone_mode=False)


def _nothing() -> None:
    """Stand in the place of a command that is only listed."""
