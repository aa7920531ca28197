"""What the first page of the command lists, kept as data: `python -m cli.commands > cli/commands.json`.

So it is shown without loading what commands need, most of which is behind the reports.
"""

import json
import sys
from dataclasses import asdict, dataclass
from importlib import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A command as the first page lists it; `help` is in both languages."""

    name: str
    help: str
    panel: str


def listed() -> tuple[Listed, ...] | None:
    """Return what is listed; None where a report has been added or taken away since that was written."""
    kept = json.loads(resources.files("cli").joinpath("commands.json").read_text(encoding="utf-8"))
    if kept["reports"] != _declared():
        return None
    return tuple(Listed(**each) for each in kept["commands"])


def as_text() -> str:
    """Return the data as they are committed."""
    # Loaded here alone: everything is behind it.
    from typer.main import get_command

    from cli.main import app

    found = getattr(get_command(app), "commands", {})
    commands = [
        Listed(name=name, help=command.help or "", panel=command.rich_help_panel)
        for name, command in found.items()
    ]
    kept = {"reports": _declared(), "commands": [asdict(each) for each in commands]}
    return json.dumps(kept, ensure_ascii=False, indent=1) + "\n"


def _declared() -> list[str]:
    """Return the names of the files in which reports are declared."""
    files = resources.files("reports").joinpath("declared").iterdir()
    return sorted(file.name for file in files if file.name.endswith(".py"))


if __name__ == "__main__":
    sys.stdout.write(as_text())
