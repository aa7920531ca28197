"""What is answered over HTTP about the lines of a paper: which of it is new, and what can't be taken."""

from collections.abc import Sequence

from application.access import Action, Actor
from application.intake.batches import Batch
from application.intake.imports.answers import Answer
from application.intake.imports.care_log_words import in_words as of_log
from application.intake.imports.reasons import NO_SUCH_LINE, NOT_ASKED
from application.intake.imports.registers import Registers
from application.intake.imports.roster_answers import in_words as of_roster
from application.intake.papers.words import Words
from domain.reasons import UNKNOWN_CHILD, UNKNOWN_WORD
from domain.refusal import invalid, refuses


@refuses(NOT_ASKED, UNKNOWN_WORD)
def new_answers(
    answers: Sequence[Answer], *, kind: str, words: Words, known: Sequence[Answer]
) -> Sequence[Answer]:
    """Return those that are not remembered yet, in the words of the form. Raises `Invalid`."""
    there = {(each.line, each.column): each for each in known}
    said = [(of_log if kind == "care-log" else of_roster)(each, words) for each in answers]
    return [e for e in said if there.get((e.line, e.column), Answer(line=e.line, column=e.column)) != e]


@refuses(NO_SUCH_LINE, UNKNOWN_CHILD)
def refuse_stray(answers: Sequence[Answer], batch: Batch, *, registers: Registers, actor: Actor) -> None:
    """Raise `Invalid` for an answer to no line, and `Unknown` for a child that the actor may not know of."""
    for each in answers:
        there = registers.batches.lines(batch.upload_id, after=each.line - 1, limit=1)
        if [line.line for line in there] != [each.line]:
            raise invalid(NO_SUCH_LINE, "/answers")
        if each.child_id is not None:
            registers.record.read(each.child_id, actor=actor, action=Action.SUBMIT)
