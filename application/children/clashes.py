"""Numbers that several children bear: what no single county can see or settle, and what 0.1 left behind.

A case follows from who bears a number now, so it needs no event and can't be missed by two who enrol at one
moment. What is kept is how it was settled; with another child it is another case.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from application.access import Action, Actor, require
from application.eventstore.database import Database
from application.eventstore.values import blob
from application.lookups import NUMBERS
from application.reasons import NOT_FOUND
from domain.fields import Choice
from domain.ids import own_id
from domain.org import within
from domain.refusal import Fault, Unknown

NAMESPACE = UUID("5f6e43f4-54c1-5b0e-9a41-3b0f3d2c8e77")
MOST_SHOWN = 500
OPEN, SETTLED = "open", "settled"
_CLASHING = (
    "SELECT w.kind, w.digest, w.stream_id, c.org FROM found_word w"
    " JOIN child_status c ON c.child_id = w.stream_id"
    " JOIN (SELECT kind, digest FROM found_word WHERE borne = :borne AND kind IN :kinds"
    " GROUP BY kind, digest HAVING count(*) > 1) n ON n.kind = w.kind AND n.digest = w.digest"
    " WHERE w.borne = :borne AND c.org <> '' ORDER BY w.kind, w.digest, w.stream_id"
)


class Verdict(Choice):
    """What several files with one number turned out to be."""

    TWO_CHILDREN = "two_children", "不是同一名儿童，其中一份的号码有误", "two children, one number is wrong"
    ONE_CHILD = "one_child", "同一名儿童，其中一份须退出", "one child, one of the files is to be closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How a case was settled, when and by whom."""

    verdict: Verdict
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Children who bear one number, each with its organisation, in order of id; never the number."""

    clash_id: UUID
    kind: str
    children: tuple[tuple[UUID, str], ...]
    settled: Settlement | None = None


class Clashes:
    """The cases that a key sees: those all of whose children lie within its reach."""

    def __init__(self, *, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def listed(self, *, actor: Actor, state: str = OPEN) -> list[Clash]:
        """Return the cases of a state, in order of id."""
        require(actor, Action.READ, org=actor.org)
        return [clash for clash in self._seen(actor) if (clash.settled is None) is (state == OPEN)]

    def settle(self, clash_id: UUID, *, verdict: Verdict, actor: Actor) -> Clash:
        """Return what a case turned out to be; a later word replaces it, the same again is nothing new.

        Raises `Unknown`.
        """
        require(actor, Action.MANAGE, org=actor.org)
        found = next((clash for clash in self._seen(actor) if clash.clash_id == clash_id), None)
        if found is None:
            raise Unknown(Fault(reason=NOT_FOUND))
        if found.settled and found.settled.verdict is verdict:
            return found
        with self._database.transaction() as tx:
            row = {"clash_id": clash_id, "verdict": verdict.value, "settled_at": self._now()}
            tx.upsert(table="clash_settled", key=("clash_id",), rows=[row | {"settled_by": actor.name}])
        return next(clash for clash in self._seen(actor) if clash.clash_id == clash_id)

    def _seen(self, actor: Actor) -> list[Clash]:
        groups: dict[tuple[str, bytes], dict[UUID, str]] = {}
        rows = self._database.tuples(_CLASHING, borne=True, kinds=NUMBERS)
        for kind, digest, child_id, org in rows:
            groups.setdefault((kind, blob(digest)), {})[child_id] = org
        settled = {
            row["clash_id"]: Settlement(
                verdict=Verdict.from_word(row["verdict"]), at=row["settled_at"], by=row["settled_by"]
            )
            for row in self._database.all("SELECT * FROM clash_settled")
        }
        found = (
            Clash(
                clash_id=(clash_id := _id_of(kind, children)),
                kind=kind,
                children=tuple(children.items()),
                settled=settled.get(clash_id),
            )
            for (kind, _), children in groups.items()
            if len(children) > 1 and all(within(org, actor.org) for org in children.values())
        )
        return sorted(found, key=lambda clash: clash.clash_id)


def _id_of(kind: str, children: dict[UUID, str]) -> UUID:
    return own_id(NAMESPACE, " ".join([kind, *map(str, sorted(children))]))


def shown(clash: Clash) -> dict[str, Any]:
    """Write a case."""
    return {
        "clash_id": clash.clash_id,
        "kind": clash.kind,
        "children": [{"child_id": child_id, "org": org} for child_id, org in clash.children],
        "state": SETTLED if clash.settled else OPEN,
        "verdict": clash.settled.verdict if clash.settled else None,
        "settled_at": clash.settled.at if clash.settled else None,
        "settled_by": clash.settled.by if clash.settled else None,
    }
