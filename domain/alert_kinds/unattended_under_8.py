"""Unattended under 8 未满八周岁无人看护: the parents are away, and nobody looks after the child at home."""

from domain.alert_kind import AlertKind
from domain.care_gaps import care_gaps
from domain.org import Step
from domain.refusal import Text
from domain.spells import aged

KIND = AlertKind(
    name="unattended_under_8",
    label=Text(zh="未满8周岁无人看护", en="unattended under 8"),
    notice=Text(
        zh="有一名未满 8 周岁的儿童，父母均外出，且 {days} 天无人照料（未成年人保护法第二十一条）。",
        en="The parents of a child under 8 are away, and nobody has cared at home for {days} days.",
    ),
    source="未成年人保护法 21",
    steps=((Step.CRITICAL, 0),),
    spells=lambda child: aged(child, care_gaps(child), under=8),
    on=True,
    required=True,
    of_watched_only=False,
    order=20,
)
