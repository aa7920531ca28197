"""`careledger backup` and `careledger restore`: both stores and the keys, out and in again."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from application.eventstore.incarnation import begin_incarnation
from application.eventstore.log import UNREADABLE
from application.settings import Settings
from application.upkeep.backup import ERASED, create_backup, read_backup
from application.upkeep.restoring import open_every_event, read_erased, restored
from cli import checking, upkeep
from cli.options import Json
from cli.session import Session, make_private, session_of
from cli.terminal import minute, note, say, show_json
from domain.refusal import Fault, Invalid, Reason, Text

Target = Annotated[
    Path,
    typer.Argument(
        metavar="DIR", file_okay=False, help="备份目录，须为空或不存在 / a directory that is empty or new"
    ),
]
Source = Annotated[
    Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="备份目录 / the backup")
]
Erased = Annotated[
    Path | None,
    typer.Option(
        "--erased",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="备份之后销毁密钥的档案清单 / file with the ids of streams whose keys were "
        "destroyed since, one per line",
    ),
]


def backup(ctx: typer.Context, *, folder: Target, as_json: Json = False) -> None:
    """备份事件与密钥 / Back up events and keys, also while the service runs."""
    session = session_of(ctx)
    manifest = create_backup(session.settings, folder)
    if as_json:
        show_json({"backup": str(folder.absolute()), "manifest": manifest})
        return
    moment = minute(manifest.recorded_at) if manifest.recorded_at else "—"
    say(
        Text(
            zh=f"已备份至第 {manifest.position} 条事件（{moment} 登记）：{folder}。"
            "其中含有密钥，请妥善保管。",
            en=f"Backed up to event {manifest.position}, recorded {moment}: {folder}. "
            "It contains the keys, so keep it safe.",
        ),
        language=session.language,
    )


def restore(ctx: typer.Context, *, folder: Source, erased: Erased = None, as_json: Json = False) -> None:
    """由备份恢复到空的位置 / Restore a backup into an empty place, then check and rebuild it."""
    session = session_of(ctx)
    manifest = read_backup(folder)
    gone = {*read_erased(folder / ERASED), *(read_erased(erased) if erased else ())}
    if not as_json:
        note(Text(zh="正在恢复并核对…", en="Restoring and checking…"), language=session.language)
    make_private(session.settings)
    with restored(session.settings, folder, manifest, erased=sorted(gone)) as staged:
        rebuilt, checked = _looked_after(session, staged, quiet=as_json)
        if checked.events != manifest.position:
            wrong = upkeep.Finding(
                what="events", where=str(checked.events), detail=f"not {manifest.position}"
            )
            raise Invalid(Fault(reason=_damaged(wrong)))
        if checked.findings:
            raise Invalid(*(Fault(reason=_damaged(found)) for found in checked.findings))
    if as_json:
        show_json(
            {
                "restored": True,
                "position": manifest.position,
                "recorded_at": manifest.recorded_at,
                "complete_to": manifest.complete_to,
                "events": checked.events,
                "erased_streams": len(gone),
                "rebuilt": rebuilt,
            }
        )
        return
    moment = minute(manifest.recorded_at) if manifest.recorded_at else "—"
    say(
        Text(
            zh=f"已恢复至第 {manifest.position} 条事件（{moment} 登记），全部核对无误；"
            f"已销毁密钥 {len(gone)} 个。",
            en=f"Restored to event {manifest.position}, recorded {moment}; every event was verified. "
            f"Keys destroyed: {len(gone)}.",
        ),
        language=session.language,
    )


def _looked_after(asked: Session, staged: Settings, *, quiet: bool) -> tuple[dict[str, int], checking.Found]:
    """Do on what was restored what `migrate`, `rebuild` and `check` do; return what the last two found."""
    session = replace(asked, settings=staged)
    try:
        session.migrate()
        with session.system(as_owner=True) as system:
            begin_incarnation(system.database, cause="restore")
            if system.database.dialect == "postgres":
                open_every_event(system.database, system.log)
        rebuilt: dict[str, int] = {}
        # What cannot be read can't be rebuilt: the check says where it lies.
        with suppress(*UNREADABLE):
            rebuilt, _ = upkeep.rebuilt(session, quiet=quiet)
        return rebuilt, checking.checked(session, quiet=quiet)
    except UNREADABLE as error:
        damage = upkeep.Finding(what="event", where="—", detail=type(error).__name__)
        raise Invalid(Fault(reason=_damaged(damage))) from None


def _damaged(found: upkeep.Finding) -> Reason:
    where = f"{found.what} {found.where} {found.detail}"
    return Reason(
        code="backup_damaged",
        zh=f"备份中的数据核对有误，未予采用：{where}",
        en=f"The backup's data failed the check, so none of it was restored: {where}",
    )
