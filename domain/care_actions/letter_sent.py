"""Letter 书信: somebody wrote, to the child or for it. Never what it says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, cast
from uuid import UUID

from domain.care_action import CareAction, Known, PaperLine, entry_named
from domain.choices import Party
from domain.event import Details, NewEvent
from domain.fields import Choice, described
from domain.paper_lines import reads
from domain.refusal import Advice, Fault, Invalid, Reason, Text

LETTER_TO_ONESELF = Reason(
    code="letter_to_oneself", zh="写信人和收信人不能是同一人", en="Writer and reader are the same."
)
ADVICE = Advice(
    reason=LETTER_TO_ONESELF,
    zh="核对写信人和收信人。",
    en="Check who wrote and who was written to.",
    refusals=(Invalid,),
)


class LetterKind(Choice):
    """What kind of letter."""

    PERSONAL = "personal", "个人信件", "personal"
    PROXY_PARENT = "proxy_parent", "代管家长信件", "from the proxy parent"
    OPEN_LETTER = "open_letter", "致家长的一封信", "open letter to parents"


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSent(Details):
    """Who wrote to whom. Nobody opens the letters of a child (未成年人保护法 63), so none is kept."""

    TYPE: ClassVar[str] = "letter_sent"

    writer: Party = described("写信人", "Writer")
    reader: Party = described("收信人", "Reader")
    kind: LetterKind = described("类型", "Kind", default=LetterKind.PERSONAL)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())
    answers: UUID | None = described("所回书信", "Letter that it answers (event id)", default=None)
    topic: str | None = described("主题", "Topic", personal=True, max_length=200, default=None)


def _check(new_event: NewEvent, child: Known) -> Iterator[Fault]:
    said = cast("LetterSent", new_event.details)
    if said.writer is said.reader:
        yield Fault(reason=LETTER_TO_ONESELF, pointer="/details/reader")
    if said.answers is not None:
        entry_named(child, said.answers, LetterSent, at="answers")


# Who writes to whom, beside the counterpart, and what kind of letter it is.
_ON_PAPER: Mapping[str, tuple[Party | None, Party | None, LetterKind]] = {
    "家书": (Party.CHILD, None, LetterKind.PERSONAL),
    "回信": (None, Party.CHILD, LetterKind.PERSONAL),
    "给家长写信": (Party.CARER, None, LetterKind.PROXY_PARENT),
    "致家长的一封信": (Party.SCHOOL, None, LetterKind.OPEN_LETTER),
}
_AT_HOME = {each.zh: each for each in (Party.FATHER, Party.MOTHER, Party.GUARDIAN, Party.OTHER)}


def _of_line(line: PaperLine, other: Party, _done: None) -> LetterSent:
    writer, reader, kind = _ON_PAPER[line.word]
    return LetterSent(
        writer=writer or other, reader=reader or other, kind=kind, carers=line.carers, topic=line.record
    )


ACTION = CareAction(
    details=LetterSent,
    label=Text(zh="书信", en="Letter"),
    check=_check,
    carers=lambda said: said.carers,
    paper=tuple(_ON_PAPER),
    from_paper=reads(_of_line, counterpart=_AT_HOME),
)
