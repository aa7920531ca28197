"""`careledger dead-letters …`: what a follower of the log could not work off."""

import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from application.eventstore.database import Database
from cli.options import Json
from cli.session import operator, session_of
from cli.terminal import Columns, say, show_items, show_json
from domain.refusal import Conflict, Fault, Invalid, Reason, Text, Unknown
from projections.outbox import dead_letters, recomputing
from projections.outbox.dead_letters import DeadLetter

POLL_SECONDS = 0.2
ALL = 100_000
CODE_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]{1,63}")

app = typer.Typer(no_args_is_help=True, help="无法处理的事件 / events that failed")

NO_SUCH_LETTER = Reason(code="no_such_letter", zh="没有这一条", en="There is no such dead letter")
ALREADY_DISMISSED = Reason(code="already_dismissed", zh="这一条已经放弃", en="It has already been dismissed")
NOT_A_CODE_WORD = Reason(
    code="not_a_code_word",
    zh="原因须为代码词，如 restored-from-backup：小写字母、数字、_ . -，不写姓名",
    en="The reason must be a code word such as restored-from-backup: lower-case letters, "
    "digits, _ . - and no name",
)
STATES = {
    dead_letters.WAITING: Text(zh="待处理", en="waiting"),
    dead_letters.ASKED: Text(zh="将重试", en="to be tried"),
    dead_letters.DISMISSED: Text(zh="已放弃", en="dismissed"),
}
COLUMNS: Columns[DeadLetter] = (
    (Text(zh="名称", en="Letter"), lambda each: each.letter),
    (Text(zh="事件", en="Event"), lambda each: each.event_id),
    (Text(zh="档案", en="Stream"), lambda each: each.stream_id),
    (Text(zh="原因", en="Reason"), lambda each: each.reason),
    (Text(zh="次数", en="Attempts"), lambda each: each.attempts),
    (Text(zh="首次", en="First"), lambda each: each.first_at),
    (Text(zh="最近", en="Last"), lambda each: each.last_at),
    (Text(zh="状态", en="State"), lambda each: STATES[each.state]),
    (
        Text(zh="放弃原因", en="Reason for dismissal"),
        lambda each: " ".join(filter(None, (each.dismissed_reason, each.dismissed_by))),
    ),
)
NO_LETTERS = Text(zh="没有无法处理的事件。", en="No event has failed.")
Letter = Annotated[
    str, typer.Argument(metavar="LETTER", help="名称，如 relay:17 / its name, such as relay:17")
]


@app.command("list")
def list_letters(
    ctx: typer.Context,
    *,
    follower: Annotated[
        str,
        typer.Option(
            "--follower",
            help="timeline、pairings、relay 或 recompute，默认全部"
            " / timeline, pairings, relay or recompute; default: all",
        ),
    ] = "",
    dismissed: Annotated[bool, typer.Option("--all", help="含已放弃的 / include dismissed ones")] = False,
    as_json: Json = False,
) -> None:
    """列出无法处理的事件 / List the events that failed."""
    session = session_of(ctx)
    with session.system() as system:
        letters = dead_letters.listed(system.database, follower=follower, dismissed=dismissed)
    if as_json:
        show_json([asdict(letter) for letter in letters])
        return
    show_items(letters, COLUMNS, language=session.language, empty=NO_LETTERS)


@app.command("retry")
def retry(
    ctx: typer.Context,
    *,
    letter: Annotated[
        str | None, typer.Argument(metavar="[LETTER]", help="名称，如 relay:17 / its name, such as relay:17")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="全部待处理的 / all that are waiting")] = False,
    wait: Annotated[
        float, typer.Option("--wait", min=0, help="等待结果的秒数 / seconds to wait for the outcome")
    ] = 10.0,
    as_json: Json = False,
) -> None:
    """重新处理：由工作进程执行 / Have the worker try it again."""
    if (letter is None) != every:
        raise typer.BadParameter("指定一条或 --all / name one, or say --all")
    session = session_of(ctx)
    with session.system() as system:
        wanted = _wanted(system.database, letter)
        for each in wanted:
            _ask(system.database, each)
        done = _retried(wanted, left=_awaited(system.database, wanted, seconds=wait))
    if as_json:
        show_json(done)
    else:
        say(
            Text(
                zh=f"已处理 {done.worked_off}，再次失败 {done.failed}，等待工作进程 {done.asked}",
                en=f"{done.worked_off} processed, {done.failed} failed again, "
                f"{done.asked} waiting for the worker",
            ),
            language=session.language,
        )
    if done.failed:
        raise typer.Exit(1)


@app.command("dismiss")
def dismiss(
    ctx: typer.Context,
    *,
    letter: Letter,
    reason: Annotated[str, typer.Option("--reason", help="代码词，不含姓名 / a code word, not a name")],
    as_json: Json = False,
) -> None:
    """放弃并注明原因 / Dismiss it and say why."""
    if not CODE_WORD.fullmatch(reason):
        raise Invalid(Fault(reason=NOT_A_CODE_WORD, pointer="--reason"))
    session = session_of(ctx)
    with session.system() as system:
        found = _found(system.database, letter)
        with system.database.transaction() as tx:
            by = operator().name
            if not dead_letters.dismiss(tx, letter, by=by, reason=reason, now=system.now()):
                raise Conflict(Fault(reason=ALREADY_DISMISSED))
            if found.follower == recomputing.FOLLOWER:
                recomputing.drop(tx, found.stream_id)
    if as_json:
        show_json({"letter": letter, "dismissed": True})
    else:
        say(Text(zh="已放弃", en="Dismissed."), language=session.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Retried:
    """How many letters were worked off, how many failed again, and how many the worker has yet to try."""

    worked_off: int
    failed: int
    asked: int


def _retried(wanted: Sequence[DeadLetter], *, left: Sequence[DeadLetter]) -> _Retried:
    failed = sum(each.state == dead_letters.WAITING for each in left)
    # A child who is to be judged again is offered with all others: nobody waits for one.
    offered = sum(each.follower == recomputing.FOLLOWER for each in wanted)
    asked = offered + len(left) - failed
    return _Retried(worked_off=len(wanted) - asked - failed, failed=failed, asked=asked)


def _wanted(database: Database, letter: str | None) -> list[DeadLetter]:
    """Return the letter that was named, or all that wait."""
    if letter is None:
        return list(dead_letters.listed(database, limit=ALL))
    return [_found(database, letter)]


def _found(database: Database, letter: str) -> DeadLetter:
    found = dead_letters.find(database, letter)
    if found is None:
        raise Unknown(Fault(reason=NO_SUCH_LETTER))
    return found


def _ask(database: Database, letter: DeadLetter) -> None:
    with database.transaction() as tx:
        if letter.follower == recomputing.FOLLOWER:
            recomputing.retry(tx, letter.stream_id)
        else:
            dead_letters.ask(tx, letter.letter)


def _awaited(database: Database, wanted: list[DeadLetter], *, seconds: float) -> list[DeadLetter]:
    """Wait until all were tried, or for so long; give those that are still there."""
    give_up = time.monotonic() + seconds
    names = {each.letter for each in wanted}
    while True:
        left = [each for each in dead_letters.listed(database, limit=ALL) if each.letter in names]
        if not any(each.state == dead_letters.ASKED for each in left) or time.monotonic() >= give_up:
            return left
        time.sleep(POLL_SECONDS)
