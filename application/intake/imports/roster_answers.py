"""What somebody said who was asked about rows of a roster."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from msgspec.structs import replace as restated

from application.access import Actor
from application.intake.batches import ROSTER
from application.intake.imports.answers import Answer, Answers, Asked, placed
from application.intake.imports.paper import in_column, knowing
from application.intake.imports.reasons import NOT_ASKED
from application.intake.imports.registers import Registers
from application.intake.imports.roster_cells import ASKED, ENROLMENT, KIND, PAIRED_ON, PARENTS, RosterRow
from application.intake.imports.roster_form import RosterForm
from application.intake.imports.roster_rows import numbered
from application.intake.papers.values import NotUnderstood, day
from application.intake.papers.words import Words, words
from application.intake.sheets.cell import Cell
from domain.reasons import UNKNOWN_WORD
from domain.refusal import Reason, invalid

_HERE = "/answers"
_DAYS = (ENROLMENT.day_column, PAIRED_ON)
# Questions about one parent, and about both.
_AWAY_UNSAID, _OF_BOTH = "away_unsaid", ("which_parent", "whereabouts_unclear")


def answers_known(
    form: RosterForm,
    answers: Sequence[Answer],
    *,
    org: str,
    registers: Registers,
    actor: Actor,
    all_words: Words | None,
) -> Answers:
    """Return what was answered of a form, now and before. What is said now is remembered."""
    asked = Asked(kind=ROSTER, org=org, file_sha256=form.file_sha256)
    if answers:
        there = placed(answers, ((row.line, number) for number, row in numbered(form.rows)))
        registers.answers.keep(asked, [in_words(each, all_words) for each in there], said_by=actor.name)
    return registers.answers.known(asked)


def in_words(answer: Answer, all_words: Words | None) -> Answer:
    """Return an answer in the words of the form. Raises `Invalid` where that knows no such column or word."""
    if not answer.column or answer.word is None:
        return answer
    if answer.column in _DAYS:
        return restated(answer, word=_day(answer.word, answer.column))
    known = (words() if all_words is None else all_words).sheets[KIND]
    if not (said := known.known(answer.column)):
        raise invalid(in_column(NOT_ASKED, answer.column), _HERE)
    meant = known.value(answer.column, answer.word)
    if meant is None:
        raise invalid(in_column(knowing(UNKNOWN_WORD, said), answer.column), _HERE)
    return restated(answer, word=meant)


def _day(word: str, column: str) -> str:
    try:
        return day(Cell(word))
    except NotUnderstood as error:
        raise invalid(in_column(error.reason, column), _HERE) from None


def answered(rows: Sequence[RosterRow], answers: Answers) -> Iterator[RosterRow]:
    """Go through rows with what was answered of them."""
    if not answers.words:
        yield from rows
        return
    for number, row in numbered(rows):
        said = answers.words.get(number)
        yield row if said is None else _with(row, said)


def _with(row: RosterRow, said: Mapping[str, str]) -> RosterRow:
    return replace(
        row,
        cells={**row.cells, **said},
        faults={column: reason for column, reason in row.faults.items() if column not in said},
        asked=tuple(reason for reason in row.asked if not _is_settled_by(reason, said)),
    )


def _is_settled_by(reason: Reason, said: Collection[str]) -> bool:
    """Return whether somebody who says what stands in some columns has answered what a row asks."""
    if reason.code == _AWAY_UNSAID:
        return any(reason.zh.startswith(column.removesuffix(ASKED)) for column in said)
    return reason.code in _OF_BOTH and PARENTS.keys() <= set(said)
