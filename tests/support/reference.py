"""The reference page, out of the code: `python -m tests.support.reference > docs/reference.md`.

It stands here because it looks into every package, and the packages are strangers to one another.
"""

import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import typer.main
from prometheus_client.core import Metric

from api.metrics import Metrics
from api.watch_metrics import WatchCollector
from application.settings import read_settings
from application.system import migrate_system, open_system
from cli.exits import MEANINGS
from cli.main import app
from domain.care_action import CareAction
from domain.catalogue import care_actions_by_type, details_by_type, event_types
from domain.fields import Choice, Field, fields_of
from domain.rules.rule_files import presets
from domain.streams.canary.ring import CANARY_ID
from projections.outbox import due
from projections.outbox.due import Timer
from projections.tables import DDL
from tests.support.pages import DOCS

PAGE = DOCS / "reference.md"
COMMAND = "python -m tests.support.reference > docs/reference.md"
_WORDS: dict[type, str] = {str: "text", int: "whole number", bool: "true/false", UUID: "id", date: "day"}
EXIT_CODES = """### Exit codes · 退出码

A question that had no meaning ends with a code of its own; `--json` says why, in `notes` or `error`."""
_LOCALE = {"LC_ALL", "LC_MESSAGES", "LANG"}


def as_text() -> str:
    """Return the page as it is committed."""
    parts = (
        f"# Reference · 参考\n\nWritten by `{COMMAND}`; don't edit it.",
        _care_actions(),
        _other_events(),
        _rules(),
        _settings(),
        _commands(),
        _metrics(),
    )
    return "\n\n".join(parts) + "\n"


def settings_read() -> list[str]:
    """Return the environment variables that the settings are read from, in order."""
    asked: list[str] = []

    class Asked(dict[str, str]):
        def get(self, key: str, default: Any = None) -> Any:
            asked.append(key)
            return super().get(key, default)

    # With a mail server, so that what only it needs is asked for as well.
    read_settings(Asked(CARELEDGER_SMTP_URL="smtp://host", CARELEDGER_SMTP_FROM="a@b.example"))
    return list(dict.fromkeys("LANG" if name in _LOCALE else name for name in asked))


def metric_families() -> list[Metric]:
    """Return every metric of the API, those of the watch as of a fresh system with a monitor."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({"CARELEDGER_DATA_DIR": folder})
        migrate_system(settings, ddl=DDL)
        system = open_system(settings)
        try:
            tick = Timer(kind=due.CANARY, key=CANARY_ID, due_at=system.now(), position=0)
            with system.database.transaction() as tx:
                due.set_timers(tx, [tick])
            return [*Metrics()._registry.collect(), *WatchCollector(system).collect()]
        finally:
            system.close()


def _care_actions() -> str:
    head = (
        "## Types of care action · 关爱事件\n\n"
        "Personal fields are sealed under the child's key. A *decision* names the version that it was "
        "decided on (`If-Match`). *Derived* events nobody submits."
    )
    return "\n\n".join((head, *(_care_action(a) for _, a in sorted(care_actions_by_type().items()))))


def _care_action(action: CareAction) -> str:
    traits = [
        *(["decision"] if action.decision else []),
        *(["derived"] if action.derived else []),
        *([f"its record is in `{action.record}`"] if action.record else []),
        *([f"on paper called {'、'.join(action.paper)}"] if action.paper else []),
    ]
    title = f"### `{action.type}` · {action.label.zh} · {action.label.en}"
    return "\n\n".join(
        (title, *([f"This type: {'; '.join(traits)}."] if traits else []), _fields(action.details))
    )


def _other_events() -> str:
    others = sorted(set(event_types()) - set(care_actions_by_type()))
    head = "## Events of other streams\n\nCarers, organisations, alerts, activities and the canary."
    return "\n\n".join((head, *(f"### `{name}`\n\n{_fields(details_by_type()[name])}" for name in others)))


def _fields(details: type) -> str:
    if not fields_of(details):
        return "No fields."
    return _table(("field", "字段", "meaning", "type", "needed", "personal"), _rows(details))


def _rows(details: type, *, below: str = "") -> Iterator[tuple[str, ...]]:
    for field in fields_of(details):
        name, label = f"{below}{field.name}", field.spec.label
        yield (
            f"`{name}`",
            label.zh,
            f"{label.en}: {hint}" if (hint := field.spec.hint) else label.en,
            _type(field),
            "yes" if field.required else "",
            "yes" if field.spec.personal else "",
        )
        if is_dataclass(field.base):
            yield from _rows(field.base, below=f"{name}{'[]' if field.many else ''}.")


def _type(field: Field) -> str:
    base = field.base
    if isinstance(base, type) and issubclass(base, Choice):
        said = ", ".join(f"`{m.value}` {m.zh}" for m in base)
    elif is_dataclass(base):
        said = "object"
    else:
        said = "moment" if base is datetime else _WORDS.get(base, getattr(base, "__name__", str(base)))
    return f"list of {said}" if field.many else said


def _rules() -> str:
    rows = [
        (r.rule_id, str(r.version), r.title.zh, r.title.en, r.period.value, r.severity.value)
        for r in presets().values()
    ]
    header = ("rule", "version", "规则", "title", "period", "severity")
    return f"## Rules that ship · 内置规则\n\n{_table(header, rows)}"


def _settings() -> str:
    table = (DOCS / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[A-Z_`, ]+) \| (.*?) \| (.*) \|$", table, flags=re.MULTILINE)
    documented = {name for names, _, _ in rows for name in re.findall(r"[A-Z_]+", names)}
    if missing := [name for name in settings_read() if name not in documented]:
        raise LookupError(f"docs/operations.md says nothing of {', '.join(missing)}")
    return f"## Settings\n\n{_table(('variable', 'default', 'meaning'), rows)}"


def _commands() -> str:
    rows = list(_command_rows(typer.main.get_command(app), "careledger"))
    head = "## Commands · 命令\n\n`--help` of each says more; `--lang zh|en` stands before the command."
    exits = [(str(code), text.zh, text.en) for code, text in sorted(MEANINGS.items())]
    return "\n\n".join(
        (
            head,
            _table(("command", "options", "说明 / what it does"), rows),
            EXIT_CODES,
            _table(("exit code", "含义", "meaning"), exits),
        )
    )


def _command_rows(command: Any, path: str) -> Iterator[tuple[str, ...]]:
    below = getattr(command, "commands", None)
    if below is not None:
        for name in below:
            yield from _command_rows(below[name], f"{path} {name}")
        # A group that is a report by itself has options of its own.
        if path == "careledger" or not command.invoke_without_command:
            return
    arguments = [p.metavar or p.name.upper() for p in command.params if p.param_type_name == "argument"]
    options = [
        option
        for p in command.params
        if p.param_type_name == "option"
        for option in (*p.opts, *p.secondary_opts)
        if option != "--help"
    ]
    text = (command.help or "").splitlines()[0]
    yield (f"`{' '.join((path, *arguments))}`", " ".join(f"`{o}`" for o in options), text)


def _metrics() -> str:
    rows = [(f"`{_shown_name(m)}`", m.type, _labels(m), m.documentation) for m in metric_families()]
    return f"## Metrics\n\n`GET /metrics`.\n\n{_table(('metric', 'type', 'labels', 'meaning'), rows)}"


def _shown_name(metric: Metric) -> str:
    return f"{metric.name}_total" if metric.type == "counter" else metric.name


def _labels(metric: Metric) -> str:
    names = getattr(metric, "_labelnames", None)
    return ", ".join(f"`{n}`" for n in (_COUNTED.get(metric.name, ()) if names is None else names))


_COUNTED = {made._name: made._labelnames for made in vars(Metrics()).values() if hasattr(made, "_labelnames")}


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (header, ["---"] * len(header), *rows)
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


if __name__ == "__main__":
    sys.stdout.buffer.write(as_text().encode())
