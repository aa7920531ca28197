"""Reason to visit 必访情形: something after which a child must be visited."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.care_action import CareAction, PaperLine, contradicting, paper_word
from domain.effects import Effect
from domain.event import Details
from domain.fields import Choice, described
from domain.paper_lines import reads
from domain.refusal import Text


class TriggerKind(Choice):
    """What calls for a visit."""

    LOW_MOOD = "low_mood", "情绪不好", "low mood"
    UNWELL = "unwell", "身体不佳", "unwell"
    GRADES_FELL = "grades_fell", "成绩下降", "grades fell"
    LATE_OR_EARLY_LEAVE = "late_or_early_leave", "迟到早退", "late, or left early"
    QUARREL = "quarrel", "与同学争吵", "quarrel"
    TRUANCY = "truancy", "逃学", "truancy"
    ISOLATION = "isolation", "被孤立或欺凌", "isolated or bullied"
    GAMING = "gaming", "沉迷游戏", "gaming"
    CONDUCT = "conduct", "行为偏差", "conduct"
    OTHER = "other", "其他", "other"


class TriggerGravity(Choice):
    """How grave it is."""

    LIGHT = "light", "轻", "light"
    GRAVE = "grave", "重", "grave"
    CRISIS = "crisis", "危急", "crisis"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerObserved(Details):
    """What was seen, by whom. A visit before it does not answer it."""

    TYPE: ClassVar[str] = "trigger_observed"

    kind: TriggerKind = described("情形", "Kind")
    severity: TriggerGravity | None = described("程度", "Severity", personal=True, default=None)
    note: str | None = described("说明", "Note", personal=True, max_length=1000, default=None)
    carers: tuple[UUID, ...] = described("经办人", "Carers", max_length=5, default=())


# Truancy is an absence as well: it is said by its own word, or here as a result.
_KINDS = {each.zh: each for each in TriggerKind}
_BY_ITSELF = tuple(zh for zh, each in _KINDS.items() if each not in (TriggerKind.OTHER, TriggerKind.TRUANCY))


def _of_line(line: PaperLine, _child: None, kind: TriggerKind | None) -> TriggerObserved:
    own = _KINDS.get(line.word)
    if own and kind and own is not kind:
        raise contradicting("类型", "结果", at="outcome")
    seen = own or kind or paper_word(_KINDS, line.outcome, at="outcome")
    return TriggerObserved(kind=seen, note=line.record, carers=line.carers)


ACTION = CareAction(
    effects=(Effect.CALLS_FOR_VISIT,),
    details=TriggerObserved,
    label=Text(zh="必访情形", en="Reason to visit"),
    carers=lambda said: said.carers,
    paper=("必访情形", *_BY_ITSELF),
    from_paper=reads(_of_line, outcome={"": None} | _KINDS),
)
