"""Alone under 16 未满十六周岁独自生活: the parents are away, and nobody looks after the child at home."""

from domain.alert_kind import AlertKind
from domain.care_gaps import care_gaps
from domain.org import Step
from domain.refusal import Text
from domain.spells import aged

KIND = AlertKind(
    name="alone_under_16",
    label=Text(zh="未满16周岁独自生活", en="alone under 16"),
    notice=Text(
        zh="有一名未满 16 周岁的儿童，父母均外出，且 {days} 天无人照料（未成年人保护法第二十一条）。",
        en="The parents of a child under 16 are away, and nobody has cared at home for {days} days.",
    ),
    source="未成年人保护法 21",
    steps=((Step.HIGH, 0), (Step.CRITICAL, 1)),
    spells=lambda child: aged(child, care_gaps(child), at_least=8, under=16),
    on=True,
    required=True,
    of_watched_only=False,
    order=30,
)
