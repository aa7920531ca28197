"""The upgrade after which files that may be of one child are found."""

from collections.abc import Iterator
from uuid import UUID

from application.upkeep.upgrading import Advance, Store, UpgradeStep
from domain.refusal import Text


def _run(store: Store, cursor: str | None) -> Iterator[Advance]:
    ((total,),) = store.database.tuples("SELECT count(*) FROM child_status")
    done = 0
    for ids in store.likenesses.rebuild(after=UUID(cursor or str(UUID(int=0)))):
        done = min(done + len(ids), total)
        yield Advance(cursor=str(ids[-1]), done=done, total=total)


LIKENESSES = UpgradeStep(
    name="likenesses",
    label=Text(zh="建立重复档案的查找", en="Making files that may be of one child findable"),
    run=_run,
)
