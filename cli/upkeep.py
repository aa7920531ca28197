"""Looking after the data: migrate and rebuild."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from application.eventstore.roles import refuse_unless_owner
from application.organisations.governance import Governing
from application.system import System
from application.upkeep import words_made
from cli import timers
from cli.exits import NEEDS_A_YES
from cli.options import Json
from cli.session import Session, session_of
from cli.terminal import confirmed, note, progress_bar, say, show_json, show_table
from domain.child import Child
from domain.refusal import Text
from domain.rules.calendar import default_calendar
from projections.rebuild import rebuild as rebuild_all
from projections.rebuild import size_of
from projections.status import Unreadable

UPGRADE_NOW = Text(zh="现在升级吗？", en="Upgrade now?")
NOT_UPGRADED = Text(
    zh="升级未完成，服务不会启动。同意请加 --yes 再次运行。",
    en="The upgrade is not finished, and no service will start. Run it again with --yes to agree.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it must be. `what` is a table, an engine or a kind of damage; no value."""

    what: str
    where: str
    detail: str


def migrate(
    ctx: typer.Context,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，直接升级 / upgrade without asking")] = False,
    as_json: Json = False,
) -> None:
    """建立或升级数据表 / Create the tables, or upgrade the store to this version.

    升级会带来的变化先行列出，须同意后才改动数据；未同意时以 4 结束，服务不会启动 / Before any data is
    changed, an upgrade lists what people will notice and asks. Without a yes it exits with 4, and no
    service starts.
    """
    session = session_of(ctx)
    label = Text(zh="升级", en="Upgrading")
    shown: list[Text] = []

    def agreed(texts: Sequence[Text]) -> bool:
        shown.extend(texts)
        if not texts or yes:
            return True
        for text in texts:
            note(text, language=session.language)
        return not as_json and confirmed(UPGRADE_NOW, language=session.language)

    with progress_bar(label, language=session.language, quiet=as_json) as progress:
        done = session.migrate(progress=lambda _label, done, total: progress(done, total), agreed=agreed)
    if as_json:
        show_json({"migrated": done, "notices": shown})
    elif done:
        say(Text(zh="数据表已就绪", en="The tables are ready."), language=session.language)
    else:
        note(NOT_UPGRADED, language=session.language)
    if not done:
        raise typer.Exit(NEEDS_A_YES)


def rebuild(ctx: typer.Context, *, as_json: Json = False) -> None:
    """由事件重建全部读模型 / Rebuild every read model from the events.

    重建期间照常应答；有内容无法读取时以 1 结束 / The present ones answer until the new ones replace them.
    Exit with 1 if something could not be read.
    """
    session = session_of(ctx)
    done, findings = rebuilt(session, quiet=as_json)
    if as_json:
        show_json({"rebuilt": done, "findings": findings})
    else:
        parts = ", ".join(f"{part} {number}" for part, number in done.items())
        say(Text(zh=f"已重建：{parts}", en=f"Rebuilt: {parts}"), language=session.language)
        if findings:
            show_findings(findings, language=session.language)
    if findings:
        raise typer.Exit(1)


def rebuilt(session: Session, *, quiet: bool) -> tuple[dict[str, int], list[Finding]]:
    """Rebuild all, behind a progress bar unless `quiet`; return how much of each, and what can't be read."""
    done: dict[str, int] = {}
    label = Text(zh="重建", en="Rebuilding")
    with (
        session.system(as_owner=True) as system,
        progress_bar(label, language=session.language, quiet=quiet) as progress,
    ):
        refuse_unless_owner(system.database)
        # What some parts come to is known once they are done: the bar is full when all of them are.
        total = max(1, size_of(system.database, system.log, beside=len(_beside(system))))

        def tell(part: str, number: int) -> None:
            done[part] = done.get(part, 0) + number
            progress(min(sum(done.values()), total - 1), total)

        unreadable = _rebuild(system, progress=tell)
        progress(total, total)
    return done, [Finding(what=u.what, where=str(u.stream_id), detail=u.reason) for u in unreadable]


def _rebuild(system: System, *, progress: Callable[[str, int], None]) -> Sequence[Unreadable]:
    def governing(child: Child) -> Governing:
        return system.organisations.governance.governing(child.orgs)

    system.record.forget_erased()
    unreadable = rebuild_all(
        database=system.database,
        log=system.log,
        governing=governing,
        calendar=default_calendar(),
        now=system.now,
        progress=progress,
    )
    for part, rebuild_part in _beside(system).items():
        for done in rebuild_part():
            progress(part, done)
    for done in timers.mend(system):
        progress("timers", done)
    return unreadable


def _beside(system: System) -> dict[str, Callable[[], Iterable[int]]]:
    """Return what rebuilds each part that is made of every child beside the read models."""
    return {
        "cards": system.cards.rebuild,
        "likeness": lambda: map(len, system.record.likenesses.rebuild()),
        "name_part": system.record.name_digests.rebuild,
        "words": lambda: words_made.rebuild(system.database, system.log, system.lookups),
    }


def show_findings(findings: Sequence[Finding], *, language: str) -> None:
    """Show what was found as a table."""
    columns = (Text(zh="对象", en="What"), Text(zh="位置", en="Where"), Text(zh="说明", en="Detail"))
    show_table(columns, [(f.what, f.where, f.detail) for f in findings], language=language)
