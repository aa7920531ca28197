"""The upgrades of what is read, in the order in which they came.

They need the write side and the read side, which are strangers to one another.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from uuid import UUID

from application.eventstore.log import UNREADABLE
from application.upkeep.upgrading import Advance, Store, UpgradeStep
from domain.child import Child, fold
from domain.days import local_day
from domain.ladder import Ladders
from domain.policy import default_policy
from domain.refusal import Text
from domain.rules.calendar import default_calendar
from domain.watched import POPULATION, ground_on
from projections import compliance, status
from projections.outbox import due
from projections.outbox.due import SILENCE, Timer
from projections.rebuild import judge_all

_CHILDREN_AT_ONCE = 200


def _renew_status(store: Store, cursor: str | None) -> Iterator[Advance]:
    """Write the status of every child again: of two contacts of a day another one may be the last."""
    for batch, advance in _chunks(store, cursor):
        status.renew_children(store.database, store.log, batch)
        yield advance


def _count_the_watched(store: Store, cursor: str | None) -> Iterator[Advance]:
    """Judge every child again, as far as it was judged, and have those looked at whose alerts end."""
    head, newest = store.log.head()
    # Periods that have begun since are the workers' to judge, by their own timers.
    now = compliance.judged_until(store.database, least=newest) if newest else store.now()
    for batch, advance in _chunks(store, cursor):
        judge_all(
            batch,
            database=store.database,
            log=store.log,
            governing=lambda child: store.organisations.governance.governing(child.orgs),
            calendar=default_calendar(),
            now=now,
        )
        at_once = [
            Timer(kind=SILENCE, key=child_id, due_at=now, position=head)
            for child_id in _no_longer_watched(store, batch)
        ]
        with store.database.transaction() as tx:
            due.set_timers(tx, at_once)
        yield advance


def _alerts_that_end(store: Store) -> Sequence[Text]:
    """Return how many alerts the watch will end; it raises none, for nobody is watched who was not."""
    ids = status.child_ids(store.log)
    if not ids:
        # Nobody is there who could notice.
        return ()
    ending = 0
    for start in range(0, len(ids), _CHILDREN_AT_ONCE):
        batch = _no_longer_watched(store, ids[start : start + _CHILDREN_AT_ONCE])
        ending += _open_alerts(store, batch)
    return [
        Text(
            zh=f"今后只关注 {POPULATION} 所指儿童：留守、重点类别、父母去向不明，或机构设定关注全员者。"
            f"将有 {ending} 个未解除预警以 not_watched 结束，不新增预警。",
            en=f"From now on those of {POPULATION} are watched: left behind, in a group for special care, "
            "whereabouts of a parent unknown, or the organisation watches all. "
            f"{ending} open alerts will end as not_watched, and none will be raised.",
        )
    ]


def _look_at_all(store: Store, cursor: str | None) -> Iterator[Advance]:
    """Have every child looked at: whom people telephone with and nobody sees rings from now on."""
    head, newest = store.log.head()
    for batch, advance in _chunks(store, cursor):
        # No clock by which the store was written is later than that.
        at_once = newest or store.now()
        timers = [Timer(kind=SILENCE, key=child_id, due_at=at_once, position=head) for child_id in batch]
        with store.database.transaction() as tx:
            due.set_timers(tx, timers)
        yield advance


def _unseen_that_ring(store: Store) -> Sequence[Text]:
    """Return of how many children the watch will tell that nobody has seen them."""
    ids = status.child_ids(store.log)
    if not ids:
        return ()
    ladders, day = default_policy().ladders, local_day(store.now())
    ringing = 0
    for start in range(0, len(ids), _CHILDREN_AT_ONCE):
        for child_id in ids[start : start + _CHILDREN_AT_ONCE]:
            with suppress(*UNREADABLE):
                ringing += _rings_unseen(fold(child_id, store.log.stream(child_id)), day, ladders)
    return [
        Text(
            zh=f"今后除失联外，无人当面见到的儿童也会预警（未见面 30、60、90 天，电话不算）。"
            f"目前有 {ringing} 名儿童，升级后值守将陆续通知；各类其他预警须由机构启用。",
            en="From now on a child whom nobody has seen rings as well, after 30, 60 and 90 days; a call is "
            f"not seeing it. That is so of {ringing} children, whom the watch tells of after the upgrade. "
            "Further kinds of alerts ring once an organisation switches them on.",
        )
    ]


def _rings_unseen(child: Child, day: date, ladders: Ladders) -> bool:
    """Return whether a child is telephoned with and unseen for so long that it rings, if it is watched."""
    silent, unseen = child.anchor, child.unseen_anchor
    if silent is None or unseen is None or silent == unseen or not child.in_care(day):
        return False
    return ladders.step_on("unseen", since=unseen.day, day=day, moves=child.moves) is not None


def _no_longer_watched(store: Store, child_ids: Sequence[UUID]) -> list[UUID]:
    """Return those of some children who have an open alert and are not watched; who can't be read is left."""
    rows = store.database.tuples(
        "SELECT DISTINCT child_id FROM alert_status WHERE open = :open AND child_id IN :ids",
        open=True,
        ids=tuple(child_ids),
    )
    found = []
    for child_id in sorted(child_id for (child_id,) in rows):
        with suppress(*UNREADABLE):
            child = fold(child_id, store.log.stream(child_id))
            day = local_day(store.now())
            extensions = store.organisations.governance.extensions([child.org])
            if child.in_care(day) and ground_on(child, day, extensions=extensions) is None:
                found.append(child_id)
    return found


def _open_alerts(store: Store, child_ids: Sequence[UUID]) -> int:
    row = store.database.one(
        "SELECT count(*) AS alerts FROM alert_status WHERE open = :open AND child_id IN :ids",
        open=True,
        ids=tuple(child_ids),
    )
    return int(row["alerts"]) if row else 0


def _chunks(store: Store, cursor: str | None) -> Iterator[tuple[list[UUID], Advance]]:
    ids = status.child_ids(store.log)
    for done in range(int(cursor or 0), len(ids), _CHILDREN_AT_ONCE):
        batch = ids[done : done + _CHILDREN_AT_ONCE]
        yield batch, Advance(cursor=str(done + len(batch)), done=done + len(batch), total=len(ids))


STEPS: tuple[UpgradeStep, ...] = (
    UpgradeStep(
        name="order_within_a_day",
        label=Text(zh="按得知先后排定同日记录", en="Ordering entries of one day by when they were known"),
        run=_renew_status,
    ),
    UpgradeStep(
        name="watched_1",
        label=Text(zh="按关注范围重新统计", en="Counting those who are watched"),
        run=_count_the_watched,
        foresee=_alerts_that_end,
    ),
    UpgradeStep(
        name="contacts_2",
        label=Text(zh="按新的联系口径更新状态", en="Writing the status of children anew: what is a contact"),
        run=_renew_status,
    ),
    UpgradeStep(
        name="watch_unseen",
        label=Text(zh="检查未见面的儿童", en="Looking at children whom nobody has seen"),
        run=_look_at_all,
        foresee=_unseen_that_ring,
    ),
)
