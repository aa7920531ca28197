"""Guardian gap 监护空档: the parents are away, and whoever looked after a child of 16 or more has ended."""

from domain.alert_kind import AlertKind
from domain.care_gaps import care_gaps
from domain.org import Step
from domain.refusal import Text
from domain.spells import aged

KIND = AlertKind(
    name="guardian_gap",
    label=Text(zh="监护空档", en="guardian gap"),
    notice=Text(
        zh="有一名已满 16 周岁的儿童，父母均外出，且 {days} 天无人照料。",
        en="The parents of a child of 16 or more are away, and nobody has cared at home for {days} days.",
    ),
    steps=((Step.WARNING, 0), (Step.HIGH, 7), (Step.CRITICAL, 14)),
    spells=lambda child: aged(child, care_gaps(child), at_least=16, under=18),
    order=40,
)
