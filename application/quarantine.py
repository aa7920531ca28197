"""Quarantine: what is well formed but at odds with what is known waits here, sealed, and never vanishes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from application.access import Action, Actor, require
from application.care_record import CareRecord
from application.child_unit import Outcome, Recorded
from application.eventstore.database import Database
from application.eventstore.keyring import Keyring
from application.eventstore.seal import seal, unseal
from application.listing import WITHIN, behind, below
from application.submission import Submission, child_of, decoded, encoded, encoded_content
from domain.decisions import UNKNOWN_CHILD
from domain.org import within
from domain.refusal import Conflict, Fault, Reason, Refused, Unknown, at_odds

NAMESPACE = UUID("6cf0e0f3-68c4-5f8a-8f6e-1f0a54b3c1d2")
UNKNOWN_ITEM = Reason(code="unknown_item", zh="没有这一待核实项", en="No such quarantined item.")
SETTLED = Reason(code="item_settled", zh="该项已处理", en="The item is settled already.")
WAITING, ACCEPTED, DISMISSED = "waiting", "accepted", "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedItem:
    """A submission that waits, or that was settled, and why it was put aside; never what it says."""

    item_id: UUID
    org: str
    received_at: datetime
    actor: str
    event_id: UUID
    code: str
    pointer: str
    state: str
    settled_at: datetime | None
    settled_by: str | None
    settled_reason: str | None


class Quarantine:
    """Keeps, lists, retries and dismisses what could not be placed."""

    def __init__(
        self, *, database: Database, keyring: Keyring, record: CareRecord, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._record = record
        self._now = now

    def keep(self, submission: Submission, *, refused: Refused, actor: Actor) -> UUID:
        """Put a submission aside and give the id of the item; the same again is the same item."""
        (item_id,) = self.keep_many([(submission, refused)], actor=actor)
        return item_id

    def keep_many(self, kept: Sequence[tuple[Submission, Refused]], *, actor: Actor) -> list[UUID]:
        """Put many aside in one transaction, each for its reason."""
        if not kept:
            return []
        there = self._there([submission for submission, _ in kept], actor=actor)
        ids = [
            found[0] if (found := there[n]) else self._item_id(submission, actor=actor)
            for n, (submission, _) in enumerate(kept)
        ]
        with self._database.transaction() as tx:
            tx.many(
                "INSERT INTO quarantine"
                " (item_id, org, received_at, actor, event_id, code, pointer, sealed, state)"
                " VALUES (:item_id, :org, :now, :actor, :event_id, :code, :pointer, :sealed, :state)"
                " ON CONFLICT (item_id) DO NOTHING",
                # In one order everywhere: two that keep the same items would wait for each other.
                [
                    {
                        "item_id": item_id,
                        "org": actor.org,
                        "now": self._now(),
                        "actor": actor.name,
                        "event_id": submission.event_id,
                        "code": refused.reason.code,
                        "pointer": refused.faults[0].pointer,
                        "sealed": self._sealed(submission),
                        "state": WAITING,
                    }
                    for item_id, (submission, refused) in sorted(
                        zip(ids, kept, strict=True), key=lambda pair: pair[0]
                    )
                ],
            )
        return ids

    def accept(self, submissions: Sequence[Submission], *, actor: Actor) -> None:
        """Settle what waits of these submissions in the actor's sight: they are on their streams by now."""
        there = self._there(submissions, actor=actor, states=(WAITING,))
        if ids := [item_id for found in there for item_id in found]:
            self._settle(*ids, was=(WAITING,), state=ACCEPTED, by=actor.name, reason=None)

    def _there(
        self,
        submissions: Sequence[Submission],
        *,
        actor: Actor,
        states: tuple[str, ...] = (WAITING, ACCEPTED, DISMISSED),
    ) -> list[list[UUID]]:
        """Give, of each submission, the items in the actor's sight that say the same, by whatever key."""
        rows = self._database.all(
            "SELECT item_id, event_id, sealed FROM quarantine"  # noqa: S608  a constant
            f" WHERE event_id IN :ids AND state IN :states AND {WITHIN} ORDER BY received_at, item_id",
            ids=tuple(submission.event_id for submission in submissions),
            states=states,
            **below(actor.org),
        )
        # What an item says takes long enough to read to be asked of those with the same event id alone.
        contents: dict[UUID, list[tuple[UUID, bytes]]] = {}
        for row in rows:
            content = encoded_content(self._opened(row))
            contents.setdefault(row["event_id"], []).append((row["item_id"], content))
        return [
            [
                item_id
                for item_id, content in contents.get(submission.event_id, ())
                if content == encoded_content(submission)
            ]
            for submission in submissions
        ]

    def said(self, item_ids: tuple[UUID, ...]) -> dict[UUID, Submission]:
        """Give what some items say; those that were dismissed are left out."""
        rows = self._database.all(
            "SELECT item_id, sealed FROM quarantine WHERE item_id IN :ids AND state <> :dismissed",
            ids=item_ids,
            dismissed=DISMISSED,
        )
        return {row["item_id"]: self._opened(row) for row in rows}

    def list(
        self,
        *,
        actor: Actor,
        state: str = WAITING,
        after: tuple[datetime, UUID] | None = None,
        limit: int = 100,
    ) -> list[QuarantinedItem]:
        """Give the items of a state that the actor may see, oldest first, those after `after`."""
        require(actor, Action.SUBMIT, org=actor.org)
        rows = self._database.all(
            f"SELECT * FROM quarantine WHERE state = :state AND {WITHIN}"  # noqa: S608  a constant
            " AND (received_at, item_id) > (:at, :id)"
            " ORDER BY received_at, item_id LIMIT :limit",
            state=state,
            **below(actor.org),
            **behind(after),
            limit=limit,
        )
        return [_item(row) for row in rows]

    def retry(self, item_id: UUID, *, actor: Actor) -> Recorded:
        """Try an item again. Raises the `Refused` that still stands in its way; then it goes on waiting."""
        row = self._open(item_id, actor=actor)
        outcome = self._tried(self._opened(row), row=row, actor=actor)
        if isinstance(outcome, Unknown):
            # Not known, or not to be known of: the answers don't differ, and it goes on waiting.
            raise at_odds(UNKNOWN_CHILD)
        if isinstance(outcome, Refused):
            raise outcome
        # It is on the stream now: whoever dismissed it meanwhile came too late.
        self._settle(item_id, was=(WAITING, DISMISSED), state=ACCEPTED, by=actor.name, reason=None)
        return outcome

    def dismiss(self, item_id: UUID, *, reason: str, actor: Actor) -> None:
        """Say that an item is not to be recorded, and why. It stays readable."""
        self._open(item_id, actor=actor)
        if not self._settle(item_id, was=(WAITING,), state=DISMISSED, by=actor.name, reason=reason):
            raise Conflict(Fault(reason=SETTLED))

    def _tried(self, submission: Submission, *, row: Mapping[str, Any], actor: Actor) -> Outcome:
        try:
            child_id = child_of(submission, record=self._record, scope=actor.org)
        except Unknown as unknown:
            return unknown
        (outcome,) = self._record.record_many(
            actor=actor,
            child_id=child_id,
            drafts=[submission.draft(recorded_by=row["actor"])],
            org=submission.org,
            unattended=True,
        )
        return outcome

    def _open(self, item_id: UUID, *, actor: Actor) -> Mapping[str, Any]:
        require(actor, Action.SUBMIT, org=actor.org)
        row = self._database.one("SELECT * FROM quarantine WHERE item_id = :item_id", item_id=item_id)
        if row is None or not within(row["org"], actor.org):
            raise Unknown(Fault(reason=UNKNOWN_ITEM))
        if row["state"] != WAITING:
            raise Conflict(Fault(reason=SETTLED))
        return row

    def _settle(self, *item_ids: UUID, was: tuple[str, ...], state: str, by: str, reason: str | None) -> bool:
        """Settle items; False where none is in one of the states that it `was` in any more."""
        with self._database.transaction() as tx:
            settled = tx.run(
                "UPDATE quarantine SET state = :state, settled_at = :now, settled_by = :by,"
                " settled_reason = :reason WHERE item_id IN :item_ids AND state IN :was",
                state=state,
                now=self._now(),
                by=by,
                reason=reason,
                item_ids=item_ids,
                was=was,
            )
        return settled > 0

    def _opened(self, row: Mapping[str, Any]) -> Submission:
        return decoded(unseal(self._keyring.secret("quarantine"), row["sealed"], aad=b"quarantine"))

    def _sealed(self, submission: Submission) -> bytes:
        return seal(
            self._keyring.secret("quarantine"),
            encoded(submission),
            aad=b"quarantine",
            nonce=self._keyring.nonce(),
        )

    def _item_id(self, submission: Submission, *, actor: Actor) -> UUID:
        content = self._keyring.digest("quarantine", encoded_content(submission).hex()).hex()
        return uuid5(NAMESPACE, f"org {actor.org}:{submission.event_id}:{content}")


def _item(row: Mapping[str, Any]) -> QuarantinedItem:
    return QuarantinedItem(**{name: row[name] for name in QuarantinedItem.__slots__})
