"""What an answer says of a column of a care log, in the words of the log."""

from msgspec.structs import replace as restated

from application.intake.imports.answers import Answer
from application.intake.imports.care_log_cells import (
    COUNTERPART,
    DAY,
    MINUTES,
    OUTCOME,
    TIME,
    TYPE,
    WRITTEN_ON,
)
from application.intake.imports.care_log_reader import KIND, READERS
from application.intake.imports.paper import in_column, knowing
from application.intake.imports.reasons import NOT_ASKED
from application.intake.papers.values import Around, NotUnderstood
from application.intake.papers.words import Words, words
from application.intake.sheets.cell import Cell
from domain.reasons import UNKNOWN_WORD
from domain.refusal import invalid

# Those in which neither people are named nor anything is told.
ANSWERED = (DAY, TIME, TYPE, COUNTERPART, OUTCOME, MINUTES, WRITTEN_ON)
_HERE = "/answers"


def in_words(answer: Answer, all_words: Words | None) -> Answer:
    """Return an answer in the words of the log. Raises `Invalid` where that knows no such column or word."""
    if not answer.column or answer.word is None:
        return answer
    if answer.column not in ANSWERED:
        raise invalid(in_column(NOT_ASKED, answer.column), _HERE)
    known = (words() if all_words is None else all_words).sheets[KIND]
    if said := known.known(answer.column):
        meant = known.value(answer.column, answer.word)
        if meant is None:
            raise invalid(in_column(knowing(UNKNOWN_WORD, said), answer.column), _HERE)
        return restated(answer, word=meant)
    try:
        return restated(answer, word=READERS[answer.column](Cell(answer.word), Around()))
    except NotUnderstood as error:
        raise invalid(in_column(error.reason, answer.column), _HERE) from None
