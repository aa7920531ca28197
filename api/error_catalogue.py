"""Every code of a problem, with what to do about it: `python -m api.error_catalogue > docs/errors.md`.

What went wrong is said where it is decided, by the reasons in the code; what to do, in `remedies.toml`, or
beside the reason where it is that of one type or one kind of stream.
"""

import pkgutil
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, TypeVar

from api.errors import STATUS
from domain import care_actions, streams
from domain.catalogue import served_kinds
from domain.ledger.kind import StreamKind
from domain.refusal import Advice, Reason, Text

T = TypeVar("T")
GROUPS: Mapping[str, Text] = {
    "request": Text(zh="请求本身", en="The request as a whole"),
    "content": Text(zh="字段与参数", en="Fields and parameters"),
    "care": Text(zh="关爱记录", en="Care actions"),
    "records": Text(
        zh="帮扶人、活动、预警、接收人、批次", en="Carers, activities, alerts, recipients, batches"
    ),
    "rules": Text(zh="规则", en="Rules"),
    "notes": Text(zh="应答附带的说明（notes）", en="Notes beside an answer"),
    "pages": Text(zh="网页", en="Pages"),
    "command": Text(zh="仅见于命令行", en="Told by the command line alone"),
}
_PACKAGES = ("domain", "application", "projections", "reports", "api")
# Read the environment when they are imported.
_ENTRIES = ("__main__", "gunicorn_conf", "wsgi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What to do about a code, and the statuses that it comes with; none where it never answers a request."""

    group: str
    statuses: tuple[int, ...]
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A code with every text that it is told in."""

    code: str
    reasons: tuple[Reason, ...]
    remedy: Remedy


def _statuses(row: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the statuses of a row; `served` are those of streams that have routes by their declaration."""
    return (*row["status"], *(row.get("served", ()) if served_kinds() else ()))


@cache
def remedies() -> Mapping[str, Remedy]:
    """Return the remedies by code: those of the table in its order, then those beside the reasons."""
    table = tomllib.loads(files("api").joinpath("remedies.toml").read_text(encoding="utf-8"))
    found = {
        code: Remedy(group=group, statuses=_statuses(row), text=Text(zh=row["zh"], en=row["en"]))
        for group, rows in table.items()
        for code, row in rows.items()
    }
    return found | _advised(care_actions.__name__, group="care") | _advised(streams.__name__, group="records")


@cache
def codes_of_kind(kind: StreamKind[Any]) -> tuple[str, ...]:
    """Return the codes of the reasons that only the folder of a kind gives."""
    return tuple(_advised(f"{streams.__name__}.{kind.folder}", group="records"))


def _advised(package: str, *, group: str) -> dict[str, Remedy]:
    """Make the remedies of the reasons of a package that have their advice beside them."""
    return {
        advice.reason.code: Remedy(
            group=group, statuses=tuple(sorted({STATUS[each] for each in advice.refusals})), text=advice
        )
        for advice in _named_in(_modules(package), Advice)
    }


@cache
def reasons() -> Mapping[str, tuple[Reason, ...]]:
    """Find every reason that a module of the service names, by code."""
    found: dict[str, dict[Reason, None]] = {}
    for reason in _named_in((name for package in _PACKAGES for name in _modules(package)), Reason):
        found.setdefault(reason.code, {})[reason] = None
    return {code: tuple(each) for code, each in found.items()}


@cache
def catalogue() -> Mapping[str, Known]:
    """Give every code, in the order of the remedies."""
    return {
        code: Known(code=code, reasons=reasons()[code], remedy=remedy) for code, remedy in remedies().items()
    }


def page() -> str:
    """Write the catalogue as it is committed."""
    return "\n".join(_page()) + "\n"


def _named_in(modules: Iterable[str], wanted: type[T]) -> Iterator[T]:
    """Go through what modules name of one class."""
    for name in modules:
        yield from (value for value in vars(import_module(name)).values() if isinstance(value, wanted))


def _modules(package: str) -> Iterator[str]:
    for found in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
        if found.name.rpartition(".")[2] not in _ENTRIES:
            yield found.name


def _page() -> Iterator[str]:
    yield "# 错误代码 · Problem codes\n"
    yield (
        "Each problem ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) has a `code` that stays for ever, "
        "and a `type` that leads to what stands here: `GET /errors/{code}`, as JSON or HTML. The texts may "
        "improve. A code without a status never answers a request: it is told in lists (quarantine, "
        "participants of an activity, lines of a batch or an import).\n"
    )
    yield (
        "每个错误都有永不改变的 `code`，其 `type` 指向此处的说明（`GET /errors/{code}`）。"
        "没有状态码的代码不会直接作为应答，只出现在列表中（待核实、活动参加儿童、批次或导入的各行）。\n"
    )
    yield "This page is generated: `python -m api.error_catalogue > docs/errors.md`."
    for group, title in GROUPS.items():
        yield f"\n## {title.zh} · {title.en}\n"
        yield "| code | status | 含义 · Meaning | 怎么办 · What to do |"
        yield "|---|---|---|---|"
        for known in catalogue().values():
            if known.remedy.group == group:
                yield _row(known)


def _row(known: Known) -> str:
    means = "<br>".join(f"{_cell(reason.zh)}<br>{_cell(reason.en)}" for reason in known.reasons)
    statuses = ", ".join(map(str, known.remedy.statuses)) or "–"
    remedy = known.remedy.text
    return f"| `{known.code}` | {statuses} | {means} | {_cell(remedy.zh)}<br>{_cell(remedy.en)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.stdout.buffer.write(page().encode())
