"""The upgrade after which children are found by part of a name."""

from collections.abc import Iterator
from uuid import UUID

from application.upkeep.upgrading import Advance, Store, UpgradeStep
from domain.refusal import Text


def _run(store: Store, cursor: str | None) -> Iterator[Advance]:
    digests, after = store.name_digests, UUID(cursor or str(UUID(int=0)))
    digests.forget_erased()
    store.lookups.forget_erased()
    ((total,),) = store.database.tuples(
        "SELECT count(*) FROM child_status WHERE child_id > :after", after=after
    )
    done = 0
    while ids := digests.due(after=after):
        digests.renew(ids)
        after, done = ids[-1], done + len(ids)
        yield Advance(cursor=str(after), done=min(done, total), total=total)


NAME_PARTS = UpgradeStep(
    name="name_parts",
    label=Text(zh="建立姓名检索", en="Making children findable by part of a name"),
    run=_run,
)
