"""What it takes to be a type of care action: one module in `domain/care_actions/` gives one of these."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from domain.event import Details, Draft
from domain.refusal import Fault, Invalid, Reason, Text

if TYPE_CHECKING:
    from domain.child import Child

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """One line of a care log as schools keep it on paper, already trimmed; "" is an empty cell.

    `counterpart` is 对象, `outcome` 结果, `content` 内容; `minutes` is None when the cell is empty, which is
    not known and never zero.
    """

    counterpart: str
    outcome: str
    minutes: int | None
    content: str
    carer_id: UUID


PAPER_WORD = Reason(
    code="paper_word",
    zh="此类型不认识该栏的用词",
    en="This type does not know the word in that column.",
)
CELLS_CONTRADICT = Reason(
    code="cells_contradict",
    zh="两栏互相矛盾",
    en="Two columns contradict each other.",
)


def contradicting(first: str, second: str, *, at: str) -> Invalid:
    """Refuse a line of which two columns can't both be true, and name both; `at` is the first of them."""
    reason = Reason(
        code=CELLS_CONTRADICT.code,
        zh=f"“{first}”与“{second}”{CELLS_CONTRADICT.zh}",
        en=f"{CELLS_CONTRADICT.en} {first}, {second}.",
    )
    return Invalid(Fault(reason=reason, pointer=f"/{at}"))


def paper_word(words: Mapping[str, T], said: str, *, at: str, advice: Text | None = None) -> T:
    """Translate the word of a column, "outcome" or "counterpart", or refuse the line.

    A word that a type can't put into its event is none that it knows: no cell is dropped in silence.
    `advice` is what to do beside choosing another word.
    """
    if said not in words:
        known = "、".join(word or "（空）" for word in words)
        zh, en = (f"。{advice.zh}", f" {advice.en}") if advice else ("", "")
        reason = Reason(
            code=PAPER_WORD.code,
            zh=f"{PAPER_WORD.zh}；可填：{known}{zh}",
            en=f"{PAPER_WORD.en} It knows: {known}.{en}",
        )
        raise Invalid(Fault(reason=reason, pointer=f"/{at}"))
    return words[said]


def _no_checks(_draft: Draft, _child: Child) -> Iterator[Fault]:
    return iter(())


def _never(_details: Any, *, has_record: bool) -> bool:
    return False


def _no_carers(_details: Any) -> tuple[UUID, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CareAction:
    """A type of care action.

    `decision` types name the version they were based on. `contact` tells whether such an action,
    with or without its record, reaches the child's world. `record` names the field that holds the
    record. `carers` names the carers that an action speaks of.
    `check` finds faults against what is known of the child. `paper` are the words of the 类型 column and
    `from_paper` reads such a line. `on_own_route` types are not submitted through the events route;
    `derived` ones by nobody: the ledger records them itself, out of what was recorded of a group.
    """

    details: type[Details]
    label: Text
    decision: bool = False
    on_own_route: bool = False
    derived: bool = False
    record: str | None = None
    contact: Callable[..., bool] = _never
    carers: Callable[[Any], tuple[UUID, ...]] = _no_carers
    check: Callable[[Draft, Child], Iterator[Fault]] = _no_checks
    paper: tuple[str, ...] = ()
    from_paper: Callable[[PaperLine], Details] | None = None

    @property
    def type(self) -> str:
        """The one name of this type."""
        return self.details.TYPE

    @property
    def names_carers(self) -> bool:
        """Whether such an action says who carried it out."""
        return self.carers is not _no_carers


def before(day: date | None, other: date, reason: Reason, pointer: str) -> Iterator[Fault]:
    """Give a fault where `day` lies before `other`."""
    if day is not None and day < other:
        yield Fault(reason=reason, pointer=pointer)
