"""The command `careledger`: everything that works on the data directory, and what starts the servers."""

import os
import sys
from collections.abc import Sequence
from typing import TypeGuard

import typer
import typer.main

from application.eventstore.database import DatabaseError, NotDurable
from application.eventstore.mapper import UnknownTopic
from application.eventstore.migrations.migrate import Misplaced, NotMigrated, SchemaTooNew
from application.eventstore.recorder import ForeignEvent
from application.eventstore.seal import Tampered
from application.settings import BadSetting, read_settings
from application.upkeep.places import NoLedger
from cli import (
    backup,
    carers,
    checking,
    clashing,
    comparing,
    dead_letters,
    doctor,
    doubling,
    filling,
    importing,
    keying,
    merging,
    organising,
    promoting,
    recipients,
    ruling,
    running,
    telling,
    templates,
    upkeep,
)
from cli.exits import EXITS, INTERRUPTED, NO_LEDGER, REFUSED, USAGE
from cli.one_language import accept_chinese, in_chinese, in_english, language_asked, speak
from cli.reporting import add_reports
from cli.root import Lang, root
from cli.session import Session
from cli.terminal import show_faults
from domain.policy import BadPolicy
from domain.refusal import Fault, Reason, Refused
from projections.feeding import StandsStill
from projections.positions import CatchUpTimeout, HeldUp

DAILY, RUNNING, SETTING_UP = "日常 / Day to day", "运行与维护 / Running and upkeep", "设置 / Setting up"

app = root()
app.command("history", rich_help_panel=DAILY)(telling.history)
app.add_typer(importing.app, name="import", rich_help_panel=DAILY)
app.add_typer(clashing.app, name="clashes", rich_help_panel=DAILY)
app.add_typer(carers.app, name="carers", rich_help_panel=DAILY)
app.command("tell-apart", rich_help_panel=DAILY)(doubling.tell_apart)
app.command("merge", rich_help_panel=DAILY)(merging.merge)
app.command("promote", rich_help_panel=DAILY)(promoting.promote)
app.command("undo-promotion", rich_help_panel=DAILY)(promoting.undo_promotion)
app.command("compare", rich_help_panel=DAILY)(comparing.compare)
app.command("template", rich_help_panel=DAILY)(templates.template)
app.command("fill-form", rich_help_panel=DAILY)(filling.fill_form)
add_reports(app, groups={"carers": carers.app, "recipients": recipients.app, "rules": ruling.app})
app.command("up", rich_help_panel=RUNNING)(running.up)
app.command("serve", rich_help_panel=RUNNING)(running.serve)
app.command("worker", rich_help_panel=RUNNING)(running.worker)
app.command("doctor", rich_help_panel=RUNNING)(doctor.doctor)
app.command("check", rich_help_panel=RUNNING)(checking.check)
app.command("rebuild", rich_help_panel=RUNNING)(upkeep.rebuild)
app.add_typer(dead_letters.app, name="dead-letters", rich_help_panel=RUNNING)
app.command("backup", rich_help_panel=RUNNING)(backup.backup)
app.command("restore", rich_help_panel=RUNNING)(backup.restore)
app.command("migrate", rich_help_panel=RUNNING)(upkeep.migrate)
app.add_typer(organising.app, name="org", rich_help_panel=SETTING_UP)
app.add_typer(ruling.app, name="rules", rich_help_panel=SETTING_UP)
app.add_typer(recipients.app, name="recipients", rich_help_panel=SETTING_UP)
app.add_typer(keying.app, name="keys", rich_help_panel=SETTING_UP)
app.add_typer(keying.principals_app, name="principals", rich_help_panel=SETTING_UP)


@app.callback()
def begin(ctx: typer.Context, lang: Lang = None) -> None:
    """Read the settings before any command."""
    settings = read_settings()
    ctx.obj = Session(settings=settings, language=lang or settings.language)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code, one of `cli.exits`."""
    words = [_as_utf8(word) for word in (sys.argv[1:] if arguments is None else arguments)]
    as_json = "--json" in words
    accept_chinese()
    command = typer.main.get_command(app)
    speak(command, language_asked(words))
    try:
        code = command.main(args=words, prog_name="careledger", standalone_mode=False)
    except typer.TyperException as error:
        return _not_understood(error, as_json=as_json)
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("已中断，可再次运行 / Interrupted. Run it again to continue.\n")
        return INTERRUPTED
    except Refused as refused:
        show_faults(refused.faults, as_json=as_json)
        return EXITS.get(refused.reason.code, REFUSED)
    except running.CannotRun as error:
        show_faults([Fault(reason=error.reason)], as_json=as_json)
        return REFUSED
    except tuple(_MISTAKES) as error:
        show_faults([Fault(reason=_explained(error))], as_json=as_json)
        return NO_LEDGER if isinstance(error, NoLedger) else REFUSED
    return code if isinstance(code, int) else 0


def _as_utf8(word: str) -> str:
    """Read a word as UTF-8 that a locale without such letters could not; what is none is marked."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return os.fsencode(word).decode(errors="replace")
    return word


def _not_understood(error: typer.TyperException, *, as_json: bool) -> int:
    message = error.format_message()
    zh, en = in_chinese(message), in_english(message)
    if as_json:
        show_faults([Fault(reason=Reason(code="usage", zh=zh, en=en))], as_json=True)
    elif message:
        context = getattr(error, "ctx", None)
        help_at = f"{context.command_path} --help\n" if context is not None else ""
        sys.stderr.write(f"{zh}\n{en}\n{help_at}")
    return USAGE


# Whoever reads the log waits for these, in whichever database of the server they are.
_OPEN_WRITERS = (
    "SELECT pid, datname, usename, application_name, xact_start FROM pg_stat_activity "
    "WHERE backend_xid IS NOT NULL ORDER BY xact_start"
)
_UNREADABLE = (
    "unreadable_event",
    "有记录无法读取，请用 careledger check 查找是哪一条；其他机构可用 --org 分别查询",
    "An event can't be read. `careledger check` says which; use --org to ask about other organisations",
)
_MISTAKES: dict[type[Exception], tuple[str, str, str]] = {
    Tampered: _UNREADABLE,
    UnknownTopic: _UNREADABLE,
    ForeignEvent: _UNREADABLE,
    BadSetting: ("bad_setting", "环境变量的值无效", "An environment variable has an invalid value"),
    BadPolicy: ("bad_policy", "policy.toml 无效", "policy.toml is invalid"),
    NoLedger: (
        "no_ledger",
        "此处没有台账，未新建；台账在别处时设 CARELEDGER_DATA_DIR，要新建时运行 careledger migrate。位置",
        "No ledger here, and none was created. Set CARELEDGER_DATA_DIR, or run `careledger migrate`. Place",
    ),
    NotMigrated: ("not_migrated", "请先运行 careledger migrate", "Run `careledger migrate` first"),
    SchemaTooNew: ("schema_too_new", "数据由更新的版本建立", "The data was made by a newer version"),
    Misplaced: ("misplaced", "事件与密钥不能放在同一数据库", "Events and keys must not share a database"),
    NotDurable: (
        "not_durable",
        "数据库设置不能保证数据安全",
        "The database's settings don't guarantee that data is kept",
    ),
    HeldUp: (
        "log_held_up",
        f"有写入事务长时间未结束，后面的事件无法确定。请在数据库中查找并结束它（{_OPEN_WRITERS}）。停在",
        f"A writing transaction has been open for too long. Find and end it ({_OPEN_WRITERS}). Held up at",
    ),
    CatchUpTimeout: (
        "followers_busy",
        "其他进程正在更新读模型，请稍后再试",
        "Another process is updating the read models. Try again later",
    ),
    StandsStill: (
        "stands_still",
        "多个档案的事件都无法处理，问题不在单个事件，请看 careledger dead-letters list",
        "Events of many files fail, so the cause is not a single event. See `careledger dead-letters list`",
    ),
    DatabaseError: ("database", "数据库拒绝或不可用", "The database refused, or is unavailable"),
    OSError: ("files", "文件或目录无法读写", "A file or directory can't be read or written"),
    UnicodeDecodeError: ("not_utf8", "文件不是 UTF-8 编码", "The file is not UTF-8"),
}


def _explained(error: Exception) -> Reason:
    code, zh, en = next(words for kind, words in _MISTAKES.items() if isinstance(error, kind))
    if isinstance(error, UnicodeDecodeError):
        return Reason(code=code, zh=zh, en=en)
    detail = f"{error.filename} ({error.strerror})" if _of_a_file(error) else str(error)
    return Reason(code=code, zh=f"{zh}：{detail}", en=f"{en}: {detail}")


def _of_a_file(error: Exception) -> TypeGuard[OSError]:
    return isinstance(error, OSError) and error.filename is not None
