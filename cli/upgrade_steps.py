"""The upgrades of what is read, in the order in which they came.

They need the write side and the read side, which are strangers to one another.
"""

from collections.abc import Iterator

from application.system import System
from application.upgrading import Advance, UpgradeStep
from domain.refusal import Text
from domain.rules.calendar import default_calendar
from projections import compliance, status
from projections.rebuild import judge_all

_CHILDREN_AT_ONCE = 200


def _renew_children(system: System, cursor: str | None) -> Iterator[Advance]:
    """Write the status of every child anew, and judge it anew as far as it was judged."""
    ids = status.child_ids(system.log)
    _, newest = system.log.head()
    # Periods that have begun since are the workers' to judge, by their own timers.
    now = compliance.judged_until(system.database, least=newest) if newest else system.now()
    for done in range(int(cursor or 0), len(ids), _CHILDREN_AT_ONCE):
        batch = ids[done : done + _CHILDREN_AT_ONCE]
        status.renew_children(system.database, system.log, batch)
        judge_all(
            batch,
            database=system.database,
            log=system.log,
            bindings=lambda child: system.organisations.bindings(child.orgs),
            calendar=default_calendar(),
            now=now,
        )
        yield Advance(cursor=str(done + len(batch)), done=done + len(batch), total=len(ids))


STEPS: tuple[UpgradeStep, ...] = (
    UpgradeStep(
        name="order_within_a_day",
        label=Text(zh="按得知先后排定同日记录", en="Ordering entries of one day by when they were known"),
        run=_renew_children,
    ),
)
