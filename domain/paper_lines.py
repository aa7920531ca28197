"""How a type of care action reads a line of a care log that says no more than a line can."""

from collections.abc import Callable, Iterator, Mapping
from enum import Enum, auto
from typing import Any, NoReturn

from domain.care_action import PaperLine, paper_word, unlike
from domain.choices import Party
from domain.event import Details
from domain.refusal import Fault, Invalid, Text

# Of the child itself, and it came about: what a line says that says nothing of it.
OF_THE_CHILD: Mapping[str, None] = dict.fromkeys(("", "儿童"))
DONE: Mapping[str, None] = dict.fromkeys(("", "完成", "已谈", "见到"))
NOTHING: Mapping[str, None] = {"": None}
PARTIES: Mapping[str, Party] = {each.zh: each for each in Party}
ANYBODY: Mapping[str, Party | None] = {"": None, **PARTIES}
# What stands before who was meant, where the word of the log says less than the cell.
_WHOM = "对象："
_NOT_DONE = Text(
    zh="没有做成的请删去整行；做得怎样写在“内容”中",
    en="Leave the whole line out if it did not take place, and say in the contents how it went.",
)
_NOT_SAID = Text(
    zh="该栏未填，而此类型须写明",
    en="This column is empty, and this type needs it.",
)
_NOT_KEPT = Text(
    zh="此类型不记这一栏；请清空，重要的写入备忘或另一条记录",
    en="This type keeps nothing of this column. Empty it, and record elsewhere what matters.",
)
_NO_MINUTES = Text(
    zh="0 分钟即没有做：请删去整行；不清楚时长的留空",
    en="What took 0 minutes did not take place: leave the line out, or the cell empty if nobody knows.",
)


class Content(Enum):
    """What becomes of the column for the contents."""

    NEEDED = auto()
    KEPT = auto()
    EMPTY = auto()


def reads(
    make: Callable[..., Details],
    *,
    counterpart: Mapping[str, Any] = OF_THE_CHILD,
    outcome: Mapping[str, Any] = DONE,
    content: Content = Content.KEPT,
    minutes: bool = False,
) -> Callable[[PaperLine], Details]:
    """Return what reads a line: 对象 and 结果 are of these words, and `make` is given what they mean.

    `minutes` says whether the entry keeps how long it took. Reading a line that says what the entry can't
    say raises `Invalid`, with the faults of all its columns.
    """

    def read(line: PaperLine) -> Details:
        faults: list[Fault] = [*_of_content(line, content), *_of_minutes(line, kept=minutes)]
        said: list[Any] = []
        cells = ((counterpart, line.counterpart, "counterpart"), (outcome, line.outcome, "outcome"))
        for words, word, at in cells:
            try:
                said.append(paper_word(words, word, at=at, advice=_NOT_DONE if words is DONE else None))
            except Invalid as refused:
                faults += refused.faults
        if faults:
            raise Invalid(*faults)
        return make(line, *said)

    return read


def _of_content(line: PaperLine, content: Content) -> Iterator[Fault]:
    if content is Content.NEEDED and not line.content:
        yield unlike(_NOT_SAID, at="content")
    if content is Content.EMPTY and line.content and line.content.startswith(_WHOM):
        yield unlike(_only(line.counterpart), at="counterpart")
    elif content is Content.EMPTY and line.content:
        yield unlike(_NOT_KEPT, at="content")


def _only(word: str) -> Text:
    return Text(
        zh=f"此类型只记“{word}”，不记是谁；请改写为“{word}”",
        en=f"This type says no more than {word}. Write that.",
    )


def _of_minutes(line: PaperLine, *, kept: bool) -> Iterator[Fault]:
    if line.minutes is not None and not kept:
        yield unlike(_NOT_KEPT, at="minutes")
    if line.minutes == 0 and kept:
        yield unlike(_NO_MINUTES, at="minutes")


def in_words(line: PaperLine) -> str | None:
    """Return the contents with all that the entry has no field for: who came along, and how long it took."""
    lasted = None if line.minutes is None else f"用时：{line.minutes} 分钟"
    return "\n".join(filter(None, (line.record, lasted))) or None


def with_whom(line: PaperLine) -> str | None:
    """Return the contents with who was asked or was there."""
    whom = line.counterpart
    said = line.record or ""
    return "\n".join(filter(None, (said, f"{_WHOM}{whom}" if whom and _WHOM not in said else ""))) or None


def who_exactly(line: PaperLine) -> str | None:
    """Return who was meant where the cell says more than the word of the log, of a line without contents.

    Raises `Invalid` for any other contents.
    """
    before, mark, whom = line.content.rpartition(_WHOM)
    if before or (line.content and not mark):
        raise Invalid(unlike(_NOT_KEPT, at="content"))
    return whom or None


def unclear(zh: str, en: str, *, at: str) -> NoReturn:
    """Refuse a line of which a column does not say enough."""
    raise Invalid(unlike(Text(zh=zh, en=en), at=at))
