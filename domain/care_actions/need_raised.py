"""Need 困难需求: the child or the family needs something that its carers can't give."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine
from domain.event import Details
from domain.fields import Choice, described
from domain.paper_lines import NOTHING, reads
from domain.refusal import Text


class NeedKind(Choice):
    """In what a child is in need."""

    LIFE = "life", "生活", "daily life"
    BEHAVIOUR = "behaviour", "行为", "behaviour"
    STUDY = "study", "学习", "study"
    MORALS = "morals", "思想道德", "morals"
    SAFETY = "safety", "安全", "safety"
    HEALTH = "health", "健康", "health"
    MONEY = "money", "经济", "money"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRaised(Details):
    """What is needed. A referral names this entry."""

    TYPE: ClassVar[str] = "need_raised"

    need: NeedKind = described("需求类型", "Need")
    what: str | None = described("具体需求", "What", personal=True, max_length=1000, default=None)
    amount_fen: int | None = described(
        "金额(分)", "Amount (fen)", minimum=0, maximum=1000000000, default=None
    )
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


_NEEDS = {f"{each.zh}需求": each for each in NeedKind}


def _of_line(line: PaperLine, _child: None, _none: None) -> NeedRaised:
    return NeedRaised(need=_NEEDS[line.word], what=line.record, carers=line.carers)


ACTION = CareAction(
    details=NeedRaised,
    label=Text(zh="提出困难需求", en="Need raised"),
    carers=lambda said: said.carers,
    paper=tuple(_NEEDS),
    # A result would say that it was met.
    from_paper=reads(_of_line, outcome=NOTHING),
)
