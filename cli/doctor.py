"""`careledger doctor`: whether all is well, in a sentence, and if not, what to do."""

import shutil
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import typer

from application.eventstore.database import DatabaseError
from application.intake.imports.runs import imports_of
from application.system import System
from cli.options import Json
from cli.session import session_of
from cli.terminal import say, show_json
from domain.refusal import Reason, Text
from projections import watch
from projections.outbox.heartbeat import LOOPS

# Below this a backup or a busy day may fill the disk.
LEAST_FREE_BYTES = 1_000_000_000

NOT_WRITABLE = Reason(
    code="not_writable",
    zh="数据库不能写入：请检查磁盘空间和目录权限",
    en="The database can't be written to: check the disk space and the permissions of its directory",
)
DISK_LOW = Reason(
    code="disk_low",
    zh="数据目录所在磁盘剩余空间不足 1 GB：请清理或扩容",
    en="Less than 1 GB is free on the disk of the data directory: make room",
)
WATCH_OFF = Reason(
    code="watch_off",
    zh="值守没有运行，无人发现失联：请运行 careledger up 或 careledger worker",
    en="The watch is not running, so no silence is noticed: start `careledger up` or `careledger worker`",
)
NOBODY_OUTSIDE = Reason(
    code="nobody_outside",
    zh="预警不会通知外部任何人：请用 careledger recipients add 登记接收人",
    en="Alerts reach nobody outside: add a recipient with `careledger recipients add`",
)
NO_MONITOR = Reason(
    code="no_monitor",
    zh="值守停摆将无人知晓：请将 CARELEDGER_PING_URL 设为外部监控的地址",
    en="Nobody would notice if the watch stopped: set CARELEDGER_PING_URL to an outside monitor",
)
IMPORT_UNFINISHED = Reason(
    code="import_unfinished",
    zh="有导入未完成：请再次导入同一文件（careledger import list）",
    en="An import was interrupted: import the same file again (see `careledger import list`)",
)
# What a part of the watch that is not well calls for, by the word that `watch.checks` has for it.
OF_THE_WATCH: Mapping[str, Reason] = MappingProxyType(
    {
        "followers": Reason(
            code="followers",
            zh="有读模型长时间停在原处：请查看工作进程的日志并重新启动",
            en="A read model has not moved for a while: look at the worker's log and restart it",
        ),
        "dead_letters": Reason(
            code="dead_letters",
            zh="有事件无法处理，相关儿童可能无人关注：请看 careledger dead-letters list",
            en="Events failed, and their children may be unwatched: see `careledger dead-letters list`",
        ),
        "critical_told": Reason(
            code="critical_told",
            zh="有危急预警迟迟没有送达：请检查接收人和通知渠道（careledger recipients list）",
            en="A critical alert has not been delivered: check recipients and channels "
            "(`careledger recipients list`)",
        ),
        "channels": Reason(
            code="channels",
            zh="有通知卡在发送中：请重新启动工作进程",
            en="A notice is stuck on its way: restart the worker",
        ),
        "keys_present": Reason(
            code="keys_present",
            zh="有档案的密钥缺失，无法读取：请看 docs/operations.md 中关于密钥的说明",
            en="Keys are missing, so some files can't be read: see docs/operations.md on keys",
        ),
    }
)


def doctor(ctx: typer.Context, *, as_json: Json = False) -> None:
    """检查是否一切正常，并指出该做什么 / Say whether all is well, or what to do.

    有事项需要处理时以 1 结束 / Exit with 1 if something needs doing.
    """
    session = session_of(ctx)
    with session.system() as system:
        found = list(_findings(system))
        well = _well(system)
    if as_json:
        show_json({"ok": not found, "findings": found})
    elif not found:
        say(well, language=session.language)
    for each in () if as_json else found:
        say(Text(zh=f"{each.zh}。", en=f"{each.en}."), language=session.language)
    if found:
        raise typer.Exit(1)


def _findings(system: System) -> Iterator[Reason]:
    """Yield what needs doing, the most urgent first."""
    try:
        system.database.prove_writable()
        system.keys_database.prove_writable()
    except DatabaseError:
        yield NOT_WRITABLE
    folder = system.settings.data_dir
    if folder.exists() and shutil.disk_usage(folder).free < LEAST_FREE_BYTES:
        yield DISK_LOW
    yield from _of_the_watch(watch.checks(system.database, system.log, now=system.now()))
    if not told_outside(system):
        yield NOBODY_OUTSIDE
    if system.settings.ping_url is None:
        yield NO_MONITOR
    if any(run.finished_at is None and run.undone_at is None for run in imports_of(system.database)):
        yield IMPORT_UNFINISHED


def _of_the_watch(well: Mapping[str, bool]) -> Iterator[Reason]:
    silent = [loop for loop in LOOPS if not well[loop]]
    if len(silent) == len(LOOPS):
        # What follows from it is not worth a sentence each.
        yield WATCH_OFF
        return
    if silent:
        names = ", ".join(silent)
        yield Reason(
            code="watch_stuck",
            zh=f"值守的一部分停滞（{names}）：请重新启动工作进程",
            en=f"Part of the watch stands still ({names}): restart the worker",
        )
    yield from (reason for name, reason in OF_THE_WATCH.items() if not well[name])


def _well(system: System) -> Text:
    row = system.database.one("SELECT count(*) AS children FROM child_status WHERE enrolled_on IS NOT NULL")
    children = int(row["children"]) if row else 0
    told = len(system.organisations.recipients.listed())
    if not children:
        return Text(
            zh="一切正常，但还没有儿童：请用 careledger import roster 导入花名册。",
            en="All is well, but no child is enrolled yet: import a roster with `careledger import roster`.",
        )
    return Text(
        zh=f"一切正常，值守正在运行（儿童 {children} 名，接收人 {told} 个）。",
        en=f"All is well and the watch is running (children: {children}, recipients: {told}).",
    )


def told_outside(system: System) -> bool:
    """Return whether anybody is told of alerts who need not come and look into an inbox."""
    return any(recipient.channel != "inbox" for _, recipient in system.organisations.recipients.listed())
