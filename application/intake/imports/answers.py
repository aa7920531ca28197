"""What somebody who was asked said of the lines of a file: asked once, and remembered for the file.

An answer holds for the bytes of a file, its kind and its school: whoever looks at it again, records it, or
goes on behind a crash, is not asked again. Whom a line means is kept as the id of a file, what a column says
as a word of the form or a day: nothing of what stands in the paper is kept.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from application.eventstore.database import Database, Transaction
from application.intake.batches import Batch
from application.intake.imports.reasons import NO_SUCH_LINE
from domain.refusal import invalid

WHOM = ""
_OF_FILE = "kind = :kind AND org = :org AND file_sha256 = :file_sha256"


class Asked(NamedTuple):
    """The file that is asked about: its kind, the school it is of, and the digest of its bytes."""

    kind: str
    org: str
    file_sha256: str


def asked_of(batch: Batch) -> Asked:
    """Return the file of an import."""
    return Asked(kind=batch.source or "", org=batch.org, file_sha256=batch.file_sha256 or "")


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody said of a line: whom it means, or what a `column` of it says.

    `line` is its number in the file, as if its sheets lay one below the other. Without a child and a word
    what was said before does not hold any more.
    """

    line: int
    column: str = WHOM
    child_id: UUID | None = None
    word: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What is known of a file, by the numbers of its lines."""

    told: tuple[Answer, ...] = ()
    children: Mapping[int, UUID] = field(default_factory=dict)
    words: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


NO_ANSWERS = Answers()


class PaperAnswers:
    """Remembers them; what was said last holds."""

    def __init__(
        self, *, database: Database, kept: Callable[[UUID], Sequence[UUID]], now: Callable[[], datetime]
    ) -> None:
        """`kept` gives the file in which a child goes on."""
        self._database = database
        self._kept = kept
        self._now = now

    def known(self, asked: Asked) -> Answers:
        """Return what was said of a file."""
        rows = self._database.all(
            f"SELECT line, column_name, child_id, word FROM paper_answer WHERE {_OF_FILE}"  # noqa: S608  a constant
            " ORDER BY line, column_name",
            **asked._asdict(),
        )
        told = tuple(
            Answer(line=r["line"], column=r["column_name"], child_id=r["child_id"], word=r["word"])
            for r in rows
        )
        words: dict[int, dict[str, str]] = {}
        for each in told:
            if each.word is not None:
                words.setdefault(each.line, {})[each.column] = each.word
        return Answers(told=told, children=dict(self._children(told)), words=words)

    def _children(self, told: Iterable[Answer]) -> Iterable[tuple[int, UUID]]:
        for each in told:
            # Files may have become one since.
            for child_id in self._kept(each.child_id) if each.child_id is not None else ():
                yield each.line, child_id

    def keep(self, asked: Asked, answers: Sequence[Answer], *, said_by: str) -> None:
        """Remember what somebody said, or that it does not hold any more."""
        with self._database.transaction() as tx:
            self.keep_within(tx, asked, answers, said_by=said_by)

    def keep_within(self, tx: Transaction, asked: Asked, answers: Sequence[Answer], *, said_by: str) -> None:
        """Remember it together with what else a transaction writes."""
        gone = [each for each in answers if each.child_id is None and each.word is None]
        rows = [
            {
                **asked._asdict(),
                "line": each.line,
                "column_name": each.column,
                "child_id": each.child_id,
                "word": each.word,
                "said_by": said_by,
                "said_at": self._now(),
            }
            for each in answers
            if each not in gone
        ]
        for each in gone:
            tx.run(
                f"DELETE FROM paper_answer WHERE {_OF_FILE} AND line = :line AND column_name = :column",  # noqa: S608  a constant
                **asked._asdict(),
                line=each.line,
                column=each.column,
            )
        if rows:
            tx.upsert(
                table="paper_answer",
                key=("kind", "org", "file_sha256", "line", "column_name"),
                rows=rows,
            )


def placed(answers: Sequence[Answer], lines: Iterable[tuple[int, int]]) -> list[Answer]:
    """Return answers to rows of sheets as those to lines of the file; `lines` are pairs of row and line.

    Raises `Invalid` where an answer is to no line, or to lines of several sheets.
    """
    found = list(lines)
    rows, by_row = Counter(row for row, _ in found), dict(found)
    if any(rows[each.line] != 1 for each in answers):
        raise invalid(NO_SUCH_LINE, "/answers")
    return [
        Answer(line=by_row[each.line], column=each.column, child_id=each.child_id, word=each.word)
        for each in answers
    ]
