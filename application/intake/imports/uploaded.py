"""Papers over HTTP: sent, looked at, recorded when somebody says yes to what was seen, and then forgotten.

What is small is worked off while its sender waits, the rest by a worker. Either may be killed: the next one
goes on, and writes nothing twice, as an import does (ADR 49).
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from application.access import Action, Actor, require
from application.basis import Basis
from application.eventstore.database import Database, DatabaseUnavailable
from application.eventstore.keyring import KeyDestroyed
from application.eventstore.seal import Tampered
from application.intake.batches import (
    CARE_LOG,
    COMMITTING,
    PREVIEWED,
    READING,
    ROSTER,
    UNCOMMITTED,
    UNREADABLE,
    Batch,
)
from application.intake.imports import outcome as outcomes
from application.intake.imports.answers import Answer, asked_of
from application.intake.imports.care_log import import_care_log
from application.intake.imports.desk import Desk, DryRun, Recorder
from application.intake.imports.outcome import Digest, Outcome, Result
from application.intake.imports.paper import derived_id, school_path
from application.intake.imports.registers import Registers
from application.intake.imports.roster import import_roster
from application.intake.imports.uploaded_answers import new_answers, refuse_stray
from application.intake.imports.uploaded_paper import Asked, PaperRow
from application.intake.imports.uploaded_rows import MOST_TRIES, PaperRows
from application.intake.papers.column_maps import ColumnMaps
from application.intake.papers.office import office_words
from application.intake.papers.refusals import refused_book
from application.intake.papers.words import Words
from application.intake.sheets.reading import refuse_unreadable
from application.intake.undo import UndoResult, undo_batch
from application.reasons import IDEMPOTENCY_KEY_REUSED, NOT_FOUND, UNKNOWN_ORG
from domain.refusal import Fault, Invalid, Reason, Refused, Unknown, conflict, refuses

# Papers up to here are worked off while their sender waits: the size says how long they take to read, the
# rows how long the rest does.
AT_ONCE_BYTES = 131_072
AT_ONCE_ROWS = 500
BEAT_SECONDS = 10.0
UNDO_SECONDS = 20.0
SOURCES = {"roster": ROSTER, "care-log": CARE_LOG}
NOT_PREVIEWED = Reason(
    code="not_previewed",
    zh="该文件尚未预览完毕，或无法读取，不能登记",
    en="The file has not been looked at yet, or can't be read, so it can't be recorded.",
)
NOT_COMMITTED = Reason(
    code="not_committed", zh="该文件尚未登记，没有可撤销的内容", en="Nothing of this file was recorded yet."
)
BEING_RECORDED = Reason(
    code="import_at_work",
    zh="该文件正在登记，完成后才能删除",
    en="The file is being recorded. It can be deleted once that has ended.",
)
PAPER_FAILED = Reason(
    code="paper_failed",
    zh="读取文件时多次出错，已记录在日志中",
    en="The file could not be read: something failed each time, and was logged.",
)
log = logging.getLogger(__name__)


class _ForAWorker(Exception):
    """A paper has more rows than its sender should wait for."""


class UploadedPapers:
    """Takes them in, and works them off."""

    def __init__(
        self,
        *,
        database: Database,
        registers: Registers,
        maps: ColumnMaps,
        own_words: Path,
    ) -> None:
        """`own_words` is the file of the office's own words, whether it is there or not."""
        self._registers = registers
        self._batches = registers.batches
        self.maps = maps
        self._own_words = own_words
        self.rows = PaperRows(database=database, keyring=registers.keyring, now=registers.now)

    @refuses(school_path, UNKNOWN_ORG, office_words, IDEMPOTENCY_KEY_REUSED, refuse_unreadable)
    def upload(
        self, data: bytes, *, asked: Asked, actor: Actor, key: str | None
    ) -> tuple[bool, Batch, PaperRow | None]:
        """Take a paper in, and say whether it is a new one: sent again with the same key it is not.

        Nothing is recorded by this. Raises `Invalid` where it can't be read as a whole, `Conflict` where the
        key was another paper's.
        """
        self.rows.forget_expired()
        asked = self._placed(asked, actor=actor)
        refuse_unreadable(data)
        self._words(asked)
        import_id = self._id(actor, key)
        digest, small = sha256(data).hexdigest(), len(data) <= AT_ONCE_BYTES
        fresh = self.rows.keep(
            import_id,
            data,
            asked=asked,
            source=SOURCES[asked.kind],
            file_sha256=digest,
            actor=actor,
            busy=small,
        )
        batch, row = self._batches.find(import_id), self.rows.find(import_id)
        if row is None or batch.file_sha256 != digest or row.asked != asked:
            raise conflict(IDEMPOTENCY_KEY_REUSED)
        if fresh and small:
            try:
                self._work(row, most=AT_ONCE_ROWS)
            except _ForAWorker:
                self.rows.leave(import_id)
            if (faults := self._faults(import_id)) is not None:
                self.rows.forget(import_id)
                raise faults
        return fresh, *self.read(import_id, actor=actor)

    def read(self, import_id: UUID, *, actor: Actor) -> tuple[Batch, PaperRow | None]:
        """Return how an import stands, and its paper where that is still here. Raises `Unknown`."""
        batch = self._seen(import_id, actor=actor, action=Action.READ)
        return batch, self.rows.find(import_id)

    @refuses(NOT_PREVIEWED, Basis.refuse_other)
    def commit(self, import_id: UUID, *, actor: Actor, basis: Basis) -> tuple[Batch, PaperRow | None]:
        """Record what was seen of a paper, and nothing else: it is looked at once more before.

        Raises `Stale` where that says something else by now, or did when it was committed. A second time is
        no other; a large paper is recorded by a worker.
        """
        batch = self._seen(import_id, actor=actor, action=Action.SUBMIT)
        row = self.rows.find(import_id)
        if row is None or (row.committed is not None and basis.version == row.committed):
            return batch, row
        basis.refuse_other(row.version)
        if batch.state != PREVIEWED:
            raise conflict(NOT_PREVIEWED)
        try:
            small = len(self.rows.data(import_id)) <= AT_ONCE_BYTES and batch.lines <= AT_ONCE_ROWS
        except (Tampered, KeyDestroyed):
            raise conflict(NOT_PREVIEWED) from None
        mine = self.rows.commit(row, actor=actor, busy=small)
        if not mine and self._known(import_id).committed != row.version:
            basis.refuse_other(row.version + 1)
        if mine and small:
            self._work(self._known(import_id))
            after = self._known(import_id)
            if after.version != row.version:
                basis.refuse_other(after.version)
        return self.read(import_id, actor=actor)

    @refuses(NOT_PREVIEWED, new_answers, refuse_stray, Basis.refuse_other)
    def answer(
        self, import_id: UUID, answers: Sequence[Answer], *, actor: Actor, basis: Basis
    ) -> tuple[Batch, PaperRow | None]:
        """Remember what was answered of the lines of a previewed paper, and look at it once more.

        What is remembered already changes nothing. Raises `Stale` where the preview is another one by now.
        """
        # Of two that answer at once the second one finds what the first has said.
        with self.rows.answering():
            batch = self._seen(import_id, actor=actor, action=Action.SUBMIT)
            row = self.rows.find(import_id)
            if row is None:
                raise conflict(NOT_PREVIEWED)
            words, told = self._words(row.asked), self._registers.answers
            new = new_answers(answers, kind=row.asked.kind, words=words, known=self.answers(batch))
            if not new:
                return batch, row
            basis.refuse_other(row.version)
            if batch.state != PREVIEWED:
                raise conflict(NOT_PREVIEWED)
            refuse_stray(new, batch, registers=self._registers, actor=actor)
            small = len(self.rows.data(import_id)) <= AT_ONCE_BYTES and batch.lines <= AT_ONCE_ROWS
            keep = partial(told.keep_within, asked=asked_of(batch), answers=new, said_by=actor.name)
            if not self.rows.look_again(row, busy=small, also=keep):
                basis.refuse_other(row.version + 1)
            if small:
                self._work(self._known(import_id))
            return self.read(import_id, actor=actor)

    def answers(self, batch: Batch) -> Sequence[Answer]:
        """Return what was answered of the file of an import."""
        return self._registers.answers.known(asked_of(batch)).told

    def outcome(self, row: PaperRow) -> Outcome | None:
        """Return what is known of a paper."""
        return self.rows.outcome(row.import_id)

    def refused_book(self, import_id: UUID, *, actor: Actor) -> bytes:
        """Return the refused lines of a paper as a workbook, to mend and to send again. Raises `Unknown`."""
        self._seen(import_id, actor=actor, action=Action.READ)
        row = self.rows.find(import_id)
        found = None if row is None else self.rows.outcome(import_id)
        if row is None or found is None:
            raise Unknown(Fault(reason=NOT_FOUND))
        try:
            data = self.rows.data(import_id)
        except (Tampered, KeyDestroyed):
            raise Unknown(Fault(reason=NOT_FOUND)) from None
        return refused_book(data, found.refused, kind=SOURCES[row.asked.kind], words=self._words(row.asked))

    @refuses(BEING_RECORDED, Basis.refuse_other)
    def forget(self, import_id: UUID, *, actor: Actor, basis: Basis) -> None:
        """Destroy a paper now; twice is once. What was recorded of it stays.

        Raises `Unknown` and `Stale`, and `Conflict` while it is being recorded.
        """
        if (org := self.rows.forgotten(import_id)) is not None:
            require(actor, Action.SUBMIT, org=org)
        else:
            self._seen(import_id, actor=actor, action=Action.SUBMIT)
            basis.refuse_other(self._version(import_id))
            if not self.rows.put_away(import_id) and self.rows.find(import_id) is not None:
                raise conflict(BEING_RECORDED)
        self.rows.forget(import_id, kept=True)

    @refuses(NOT_COMMITTED, undo_batch, Basis.refuse_other)
    def undo(self, import_id: UUID, *, approved_by: str, actor: Actor, basis: Basis) -> UndoResult:
        """Take an import back, for some seconds: what is `left` is taken back when it is asked for again."""
        batch = self._seen(import_id, actor=actor, action=Action.MANAGE)
        if batch.state in UNCOMMITTED:
            raise conflict(NOT_COMMITTED)
        if batch.undone_at is None:
            basis.refuse_other(self._version(import_id))
        ends = time.monotonic() + UNDO_SECONDS
        return undo_batch(
            import_id,
            approved_by=approved_by,
            registers=self._registers,
            actor=actor,
            enough=lambda: time.monotonic() >= ends,
        )

    def due(self) -> bool:
        """Return whether there is something for `step` to do."""
        return self.rows.due()

    def step(self) -> int:
        """Work off one paper that waits, or whose worker was lost; return how many there were."""
        done = self.rows.forget_expired()
        row = self.rows.claim()
        if row is None:
            return done
        try:
            self._work(row)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  its kind alone: its text may quote what stands in the paper
            log.error("could not work off paper %s: %s", row.import_id, type(error).__name__)  # noqa: TRY400
            if row.tries >= MOST_TRIES and self._batches.find(row.import_id).state in (READING, COMMITTING):
                self.rows.looked(row, Outcome(faults=(Fault(reason=PAPER_FAILED),)), state=UNREADABLE)
        return done + 1

    def _work(self, row: PaperRow, *, most: int | None = None) -> None:
        """Do what is to be done with a paper next; raise `_ForAWorker` for one of more than so many rows."""
        state, data = self._batches.find(row.import_id).state, self.rows.data(row.import_id)
        if state in (READING, COMMITTING):
            seen = self._look(row, data, most=most)
            before = self.rows.outcome(row.import_id)
            if state == READING or before is None or seen.digest != before.digest:
                # Also where somebody said yes: to something else than it is by now.
                self.rows.looked(row, seen, state=UNREADABLE if seen.faults else PREVIEWED)
                return
        result = self._take(
            row,
            data,
            desk=Recorder(self._registers, import_id=row.import_id),
            beat=self._beating(row.import_id),
        )
        self.rows.recorded(row, outcomes.of(result))
        self.maps.remember(row.asked.org, kind=SOURCES[row.asked.kind], mapped=row.asked.mapped)

    def _look(self, row: PaperRow, data: bytes, *, most: int | None) -> Outcome:
        """Say what a paper would do now."""
        upload = self.rows.begin_look(row.import_id)
        digest = Digest(partial(self._batches.store, upload))
        desk = DryRun(self._registers, keep=digest)
        try:
            result = self._take(row, data, desk=desk, beat=self._beating(row.import_id, most=most))
        except Refused as refused:
            return Outcome(faults=refused.faults)
        return outcomes.of(result, digest=digest.hex)

    def _take(self, row: PaperRow, data: bytes, *, desk: Desk, beat: Callable[[int, int], None]) -> Result:
        more: dict[str, Any] = {
            "org": row.asked.org,
            "registers": self._registers,
            "actor": row.actor,
            "progress": beat,
            "all_words": self._words(row.asked),
            "desk": desk,
        }
        if row.asked.kind == "care-log":
            return import_care_log(data, **more)
        asked = row.asked
        return import_roster(
            data, enrolled_on=_day(asked.enrolled_on), changed_on=_day(asked.changed_on), **more
        )

    def _beating(self, import_id: UUID, *, most: int | None = None) -> Callable[[int, int], None]:
        last = time.monotonic()

        def beat(_done: int, total: int) -> None:
            nonlocal last
            if most is not None and total > most:
                raise _ForAWorker
            if time.monotonic() - last >= BEAT_SECONDS:
                self.rows.renew(import_id)
                last = time.monotonic()

        return beat

    def _words(self, asked: Asked) -> Words:
        kind = SOURCES[asked.kind]
        known = self.maps.known(asked.org, kind=kind)
        return office_words(self._own_words, kind=kind, mapped=(*known, *asked.mapped))

    def _placed(self, asked: Asked, *, actor: Actor) -> Asked:
        """Return what is asked with its school as it is spelled, and one that the actor may write to."""
        units = self._registers.organisations
        org = units.spelled(school_path(asked.org))
        require(actor, Action.SUBMIT, org=org)
        if asked.kind == "care-log" and not units.known(org):
            raise Unknown(Fault(reason=UNKNOWN_ORG, pointer="/org"))
        return replace(asked, org=org)

    def _id(self, actor: Actor, key: str | None) -> UUID:
        if key is None:
            return uuid4()
        digest = self._registers.keyring.digest
        ids = (derived_id(digest("import_upload", str(actor.principal), key, n)) for n in count())
        # A key holds for as long as its paper lies here.
        return next(import_id for import_id in ids if not self.rows.is_gone(import_id))

    def _seen(self, import_id: UUID, *, actor: Actor, action: Action) -> Batch:
        batch = self._batches.find(import_id)
        if batch.file_sha256 is None:
            raise Unknown(Fault(reason=NOT_FOUND))
        require(actor, action, org=batch.org)
        return batch

    def _version(self, import_id: UUID) -> int:
        """Return the version of a paper; 0 is that of one that is gone."""
        row = self.rows.find(import_id)
        return 0 if row is None else row.version

    def _known(self, import_id: UUID) -> PaperRow:
        row = self.rows.find(import_id)
        if row is None:
            raise Unknown(Fault(reason=NOT_FOUND))
        return row

    def _faults(self, import_id: UUID) -> Refused | None:
        found = self.rows.outcome(import_id)
        return Invalid(*found.faults) if found is not None and found.faults else None


def _day(said: str | None) -> date | None:
    return None if said is None else date.fromisoformat(said)
