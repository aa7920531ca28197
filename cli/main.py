"""The command `careledger`: everything that works on the data directory, and what starts the servers."""

import sys
from collections.abc import Sequence
from typing import Annotated, Literal

import typer

from application.eventstore.database import DatabaseError, NotDurable
from application.eventstore.migrations.migrate import Misplaced, NotMigrated, SchemaTooNew
from application.settings import BadSetting, read_settings
from cli import importing, keying, organising, reading, ruling, running, upkeep
from cli.session import Session
from cli.terminal import show_faults
from domain.policy import BadPolicy
from domain.refusal import Fault, Reason, Refused

REFUSED, USAGE, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="CareLedger 关爱台账 / a ledger of the care that left-behind children are owed and get",
)
app.add_typer(importing.app, name="import")
app.command("children")(reading.children)
app.command("history")(reading.history)
app.command("compliance")(reading.compliance)
app.command("alerts")(reading.alerts)
app.command("summary")(reading.summary)
app.add_typer(ruling.app, name="rules")
app.add_typer(organising.org_app, name="org")
app.add_typer(organising.recipients_app, name="recipients")
app.add_typer(keying.app, name="keys")
app.command("rebuild")(upkeep.rebuild)
app.command("check")(upkeep.check)
app.command("migrate")(upkeep.migrate)
app.command("serve")(running.serve)
app.command("worker")(running.worker)
app.command("up")(running.up)


@app.callback()
def begin(
    ctx: typer.Context,
    lang: Annotated[
        Literal["zh", "en"] | None,
        typer.Option("--lang", help="语言，默认随 LANG / language, else as in LANG"),
    ] = None,
) -> None:
    """Read the settings before any command."""
    settings = read_settings()
    ctx.obj = Session(settings=settings, language=lang or settings.language)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code: 0 done, 1 refused, 2 not understood, 130 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in words
    try:
        code = app(args=words, prog_name="careledger", standalone_mode=False)
    except typer.TyperException as error:
        return _not_understood(error, as_json=as_json)
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("已中断，可再次运行 / Interrupted: run it again to go on.\n")
        return INTERRUPTED
    except Refused as refused:
        show_faults(refused.faults, as_json=as_json)
        return REFUSED
    except running.CannotRun as error:
        show_faults([Fault(reason=error.reason)], as_json=as_json)
        return REFUSED
    except tuple(_MISTAKES) as error:
        show_faults([Fault(reason=_explained(error))], as_json=as_json)
        return REFUSED
    return code if isinstance(code, int) else 0


def _not_understood(error: typer.TyperException, *, as_json: bool) -> int:
    said = error.format_message()
    if as_json:
        reason = Reason(code="usage", zh=f"命令用法有误：{said}", en=f"Not understood: {said}")
        show_faults([Fault(reason=reason)], as_json=True)
    elif said:
        sys.stderr.write(f"命令用法有误 / Not understood:\n{said}\n")
    return USAGE


_MISTAKES: dict[type[Exception], tuple[str, str, str]] = {
    BadSetting: ("bad_setting", "环境变量的值无效", "An environment variable has a value that can't be used"),
    BadPolicy: ("bad_policy", "policy.toml 无效", "policy.toml can't be used"),
    NotMigrated: ("not_migrated", "请先运行 careledger migrate", "Run `careledger migrate` first"),
    SchemaTooNew: ("schema_too_new", "数据由更新的版本建立", "The data was made by a newer version"),
    Misplaced: ("misplaced", "事件与密钥不能放在同一数据库", "Events and keys must not share a database"),
    NotDurable: (
        "not_durable",
        "数据库设置不能保证数据安全",
        "The database is not set up to keep what it took",
    ),
    DatabaseError: ("database", "数据库拒绝或不可用", "The database refused, or can't be reached"),
    OSError: ("files", "文件或目录无法读写", "A file or directory can't be read or written"),
    UnicodeDecodeError: ("not_utf8", "文件不是 UTF-8 编码", "The file is not UTF-8"),
}


def _explained(error: Exception) -> Reason:
    code, zh, en = next(words for kind, words in _MISTAKES.items() if isinstance(error, kind))
    detail = "" if isinstance(error, UnicodeDecodeError) else f": {error}"
    return Reason(code=code, zh=f"{zh}{detail}", en=f"{en}{detail}")
