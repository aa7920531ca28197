"""Quarantine: what is well formed but at odds with what is known waits here, sealed, and never vanishes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from application.access import Action, Actor, Role, require
from application.basis import UNBOUND, Basis
from application.eventstore.database import Database, Prepared
from application.eventstore.keyring import Keyring
from application.eventstore.log import UNREADABLE
from application.eventstore.seal import OtherKey, Tampered, packed, seal, unseal
from application.intake.submission import Submission, Submissions, decoded, encoded, encoded_content
from application.listing import behind
from application.reasons import SETTLED
from application.recording.outcome import Outcome, Provenance, Recorded
from domain.event import Channel
from domain.org import within
from domain.refusal import Conflict, Fault, Reason, Refused, Unknown, at_odds, refuses
from domain.subtree import WITHIN, below

NAMESPACE = UUID("6cf0e0f3-68c4-5f8a-8f6e-1f0a54b3c1d2")
UNKNOWN_ITEM = Reason(code="unknown_item", zh="没有这一待核实项", en="No such quarantined item.")
WAITING, ACCEPTED, DISMISSED = "waiting", "accepted", "dismissed"
# An item goes from one to the next of these, and never back: where it stands is its version.
_IN_ORDER = (WAITING, DISMISSED, ACCEPTED)


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

    @property
    def version(self) -> int:
        """The version of the item."""
        return version_of(self.state)


def version_of(state: str) -> int:
    """Return the version of an item in a state."""
    return 1 + _IN_ORDER.index(state)


# Asked after each submission, to find nothing nearly always.
_WAITING = Prepared(
    "SELECT item_id, org, actor, principal, event_id FROM quarantine"
    " WHERE event_id IN :ids AND state = :state"
)


class Quarantine:
    """Keeps, lists, retries and dismisses what could not be placed."""

    def __init__(
        self, *, database: Database, keyring: Keyring, submissions: Submissions, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._submissions = submissions
        self._now = now

    def keep(self, submission: Submission, *, refused: Refused, actor: Actor) -> UUID:
        """Put a submission aside and give the id of the item; the same again is the same item."""
        (item_id,) = self.keep_many([(submission, refused)], actor=actor)
        return item_id

    def keep_many(self, kept: Sequence[tuple[Submission, Refused]], *, actor: Actor) -> list[UUID]:
        """Put many aside in one transaction, each for its reason."""
        if not kept:
            return []
        ids = self._ids([submission for submission, _ in kept], actor=actor)
        told = [_told(i, submission, actor=actor) for i, (submission, _) in zip(ids, kept, strict=True)]
        with self._database.transaction() as tx:
            tx.many(
                "INSERT INTO quarantine"
                " (item_id, org, received_at, actor, event_id, code, pointer, sealed, state,"
                " principal, key, role, channel)"
                " VALUES (:item_id, :org, :now, :actor, :event_id, :code, :pointer, :sealed, :state,"
                " :principal, :key, :role, :channel)"
                " ON CONFLICT (item_id) DO NOTHING",
                # In one order everywhere: two that keep the same items would wait for each other.
                [
                    {
                        **place,
                        "now": self._now(),
                        "code": refused.reason.code,
                        "pointer": refused.faults[0].pointer,
                        "sealed": self._sealed(submission, place),
                        "state": WAITING,
                    }
                    for place, (submission, refused) in sorted(
                        zip(told, kept, strict=True), key=lambda pair: pair[0]["item_id"]
                    )
                ],
            )
        return list(ids)

    def accept(self, submissions: Sequence[Submission], *, actor: Actor) -> None:
        """Settle what waits of these submissions in the actor's sight: they are on their streams by now."""
        sent = tuple(submission.event_id for submission in submissions)
        waiting = self._database.all(_WAITING, ids=sent, state=WAITING)
        if not waiting:
            return
        # What an item is told by is what was sent, which takes long enough to be asked of these alone.
        event_ids = {row["event_id"] for row in waiting}
        said = [s for s in submissions if s.event_id in event_ids]
        # Whoever sent it: the event is there.
        seen = [r for r in waiting if _is_of(r, actor) or within(r["org"], actor.org)]
        ids = [r["item_id"] for r in seen if any(self._is_item(r, s) for s in said)]
        if ids:
            self._settle(*ids, was=(WAITING,), state=ACCEPTED, by=actor.name, reason=None)

    def submissions(self, item_ids: tuple[UUID, ...], *, actor: Actor) -> dict[UUID, Submission]:
        """Return the submissions that some items of the actor are; those that were dismissed are left out."""
        rows = self._database.all(
            "SELECT * FROM quarantine WHERE item_id IN :ids AND state <> :dismissed",
            ids=item_ids,
            dismissed=DISMISSED,
        )
        return {row["item_id"]: self._opened(row) for row in rows if _is_of(row, actor)}

    def unreadable(self) -> Iterator[tuple[UUID, str]]:
        """Go through the items that don't open, or not where and as whose they lie, and why."""
        after = UUID(int=0)
        while rows := self._database.all(
            "SELECT * FROM quarantine WHERE item_id > :after ORDER BY item_id LIMIT 500", after=after
        ):
            for row in rows:
                try:
                    self._opened(row)
                except UNREADABLE as error:
                    yield row["item_id"], type(error).__name__
            after = rows[-1]["item_id"]

    def read(self, item_id: UUID, *, actor: Actor) -> tuple[QuarantinedItem, Submission]:
        """Return an item, and what it says. Raises `Unknown`, and `Tampered` for one that doesn't open."""
        row = self._seen(item_id, actor=actor)
        return _item(row), self._opened(row)

    def list(
        self,
        *,
        actor: Actor,
        org: str = "",
        state: str = WAITING,
        code: str | None = None,
        event_id: UUID | None = None,
        after: tuple[datetime, UUID] | None = None,
        limit: int = 100,
    ) -> list[QuarantinedItem]:
        """Return the items of a state in `org`, for want of it all that the actor may see, oldest first."""
        org = org or actor.org
        require(actor, Action.SUBMIT, org=org)
        rows = self._database.all(
            f"SELECT * FROM quarantine WHERE state = :state AND {WITHIN}"  # noqa: S608  a constant
            " AND (received_at, item_id) > (:at, :id)"
            + (" AND code = :code" if code else "")
            + (" AND event_id = :event_id" if event_id else "")
            + " ORDER BY received_at, item_id LIMIT :limit",
            state=state,
            **({"code": code} if code else {}),
            **({"event_id": event_id} if event_id else {}),
            **below(org),
            **behind(after),
            limit=limit,
        )
        return [_item(row) for row in rows]

    @refuses(SETTLED, Basis.refuse_other, Submissions.submit)
    def retry(self, item_id: UUID, *, actor: Actor, basis: Basis = UNBOUND) -> Recorded:
        """Try an item again; one that was accepted is there already.

        Raises the `Refused` that still stands in its way; then it goes on waiting.
        """
        row = self._seen(item_id, actor=actor)
        if row["state"] != ACCEPTED:
            basis.refuse_other(_item(row).version)
        if row["state"] == DISMISSED:
            raise Conflict(Fault(reason=SETTLED))
        submission = self._opened(row)
        outcome = self._tried(submission, row=row, actor=actor)
        if isinstance(outcome, Unknown):
            # Not known, or not to be known of: the answers don't differ, and it goes on waiting.
            raise at_odds(submission.kind.unknown)
        if isinstance(outcome, Refused):
            raise outcome
        # It is on the stream now: whoever dismissed it meanwhile came too late.
        self._settle(item_id, was=(WAITING, DISMISSED), state=ACCEPTED, by=actor.name, reason=None)
        return outcome

    @refuses(SETTLED, Basis.refuse_other)
    def dismiss(self, item_id: UUID, *, reason: str, actor: Actor, basis: Basis = UNBOUND) -> QuarantinedItem:
        """Say that an item is not to be recorded, and why; twice is once. It stays readable.

        Raises `Conflict` for one that was recorded, or dismissed for another reason.
        """
        item = _item(self._seen(item_id, actor=actor))
        if (item.state, item.settled_reason) != (DISMISSED, reason):
            basis.refuse_other(item.version)
            # Whoever does so for the same reason at the same time is not told that it is settled.
            self._settle(item_id, was=(WAITING,), state=DISMISSED, by=actor.name, reason=reason)
            item = _item(self._seen(item_id, actor=actor))
        if (item.state, item.settled_reason) != (DISMISSED, reason):
            raise Conflict(Fault(reason=SETTLED))
        return item

    def _tried(self, submission: Submission, *, row: Mapping[str, Any], actor: Actor) -> Outcome:
        try:
            (outcome,) = self._submissions.attempt(
                submission,
                actor=actor,
                provenance=Provenance(sender=_sender(row)),
                recorded_by=row["actor"],
                unattended=True,
            )
        except Unknown as unknown:
            return unknown
        return outcome

    def _seen(self, item_id: UUID, *, actor: Actor) -> Mapping[str, Any]:
        require(actor, Action.SUBMIT, org=actor.org)
        row = self._database.one("SELECT * FROM quarantine WHERE item_id = :item_id", item_id=item_id)
        if row is None or not within(row["org"], actor.org):
            raise Unknown(Fault(reason=UNKNOWN_ITEM))
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
        secret, sealed = self._keyring.secret("quarantine"), row["sealed"]
        try:
            return decoded(unseal(secret, sealed, aad=_place(row)))
        except OtherKey:
            raise
        except Tampered:
            # Version 0.1 sealed what is said alone. What is sealed since doesn't open so.
            return decoded(unseal(secret, sealed, aad=b"quarantine"))

    def _sealed(self, submission: Submission, told: Mapping[str, Any]) -> bytes:
        return seal(
            self._keyring.secret("quarantine"),
            encoded(submission),
            aad=_place(told),
            nonce=self._keyring.nonce(),
        )

    def _ids(self, submissions: Sequence[Submission], *, actor: Actor) -> tuple[UUID, ...]:
        """Return the id of the item of each submission: that of version 0.1 where the actor's waits there."""
        contents = [self._content(submission) for submission in submissions]
        old = [_old_id(content, name=actor.name) for content in contents]
        rows = self._database.all(
            "SELECT item_id, org, actor, principal FROM quarantine WHERE item_id IN :ids", ids=tuple(old)
        )
        there = {row["item_id"] for row in rows if _is_of(row, actor)}
        new = (
            _new_id(content, principal=actor.principal, name=actor.name, org=actor.org)
            for content in contents
        )
        return tuple(one if one in there else other for one, other in zip(old, new, strict=True))

    def _is_item(self, row: Mapping[str, Any], submission: Submission) -> bool:
        content = self._content(submission)
        new = _new_id(content, principal=row["principal"], name=row["actor"], org=row["org"])
        return row["item_id"] in (new, _old_id(content, name=row["actor"]))

    def _content(self, submission: Submission) -> str:
        content = self._keyring.digest("quarantine", encoded_content(submission).hex()).hex()
        return f"{submission.event_id}:{content}"


def _old_id(content: str, *, name: str) -> UUID:
    """Return the id that version 0.1 would have given: by the name of the key, wherever it lay."""
    return uuid5(NAMESPACE, f"{name}:{content}")


def _new_id(content: str, *, principal: UUID | None, name: str, org: str) -> UUID:
    who = f"name:{name}" if principal is None else f"principal:{principal}"
    return uuid5(NAMESPACE, packed(who, org, content).hex())


def _told(item_id: UUID, submission: Submission, *, actor: Actor) -> dict[str, Any]:
    """Return the columns that say whose an item is and where it lies."""
    return {
        "item_id": item_id,
        "org": actor.org,
        "actor": actor.name,
        "event_id": submission.event_id,
        "principal": actor.principal,
        "key": actor.key,
        "role": actor.role.value,
        "channel": actor.channel.value,
    }


def _place(row: Mapping[str, Any]) -> bytes:
    """Return what is authenticated with an item: whoever changes one of these can't have it opened."""
    told = ("item_id", "org", "actor", "event_id", "principal", "key", "role", "channel")
    return packed("quarantine", *("" if row[name] is None else row[name] for name in told))


def _is_of(row: Mapping[str, Any], actor: Actor) -> bool:
    """Return whether an item is the actor's: by its principal, of one without by scope and name."""
    if row["principal"] is None:
        return (row["org"], row["actor"]) == (actor.org, actor.name)
    return bool(row["principal"] == actor.principal)


def _sender(row: Mapping[str, Any]) -> Actor | None:
    """Return who sent an item; None where version 0.1 put it aside, which kept a name alone."""
    if row["role"] is None:
        return None
    return Actor(
        name=row["actor"],
        role=Role(row["role"]),
        org=row["org"],
        channel=Channel(row["channel"]),
        principal=row["principal"],
        key=row["key"],
    )


def _item(row: Mapping[str, Any]) -> QuarantinedItem:
    return QuarantinedItem(**{name: row[name] for name in QuarantinedItem.__slots__})
