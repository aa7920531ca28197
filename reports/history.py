"""The history of one child as rows: each entry, who recorded it, and what became of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, cast
from uuid import UUID

from application.access import Actor
from application.visibility import Purpose, Relation, Sensitivity, visible
from domain.case_no import case_no_of
from domain.history import Entry
from domain.refusal import Text
from reports.report import Column, Table

# How far each field of an entry may go, as its answer in the API says too.
_PERSONAL = {"text", "recorded_by", "actor", "late_reason", "details", "as_recorded"}
FIELDS: Mapping[str, Sensitivity] = {
    each.name: Sensitivity.PERSONAL if each.name in _PERSONAL else Sensitivity.OPEN for each in fields(Entry)
}
# What stands in the place of a field that is withheld; None where nothing is said.
_BLANK: Mapping[str, object] = {
    "text": Text(zh="", en=""),
    "recorded_by": "",
    "actor": "",
    "details": {},
    "as_recorded": {},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An entry beside the others: `numbers` are theirs by id, `names` those of principals by now."""

    entry: Entry
    numbers: Mapping[UUID, int]
    names: Mapping[UUID, str]

    @property
    def by(self) -> str:
        """Who recorded it, and in brackets the key that it came with and whose that is by now."""
        entry = self.entry
        name = None if entry.principal is None else self.names.get(entry.principal)
        shown = [part for part in (None if name == entry.recorded_by else name, entry.key) if part]
        return f"{entry.recorded_by} ({', '.join(shown)})" if shown else entry.recorded_by

    @property
    def text(self) -> Text:
        """The entry in one line; of others it speaks by their numbers, which are easier to find than ids."""
        said = cast("Text", self.entry.text)
        zh, en = said.zh, said.en
        for event_id, number in self.numbers.items():
            zh, en = (text.replace(str(event_id), f"#{number}") for text in (zh, en))
        return Text(zh=zh, en=en)

    @property
    def states(self) -> tuple[Text, ...]:
        """What became of it, and which entries did it."""
        return tuple(self._states())

    def _states(self) -> Iterator[Text]:
        entry = self.entry
        if entry.voided_by is not None:
            by = self.numbered([entry.voided_by])
            yield Text(zh=f"已作废（{by}）", en=f"void ({by})")
        if entry.corrected_by:
            by = self.numbered(entry.corrected_by)
            yield Text(zh=f"已更正（{by}）", en=f"corrected ({by})")
        if "occurred_on" in entry.as_recorded:
            day = entry.as_recorded["occurred_on"]
            yield Text(zh=f"原记 {day}", en=f"first said {day}")
        if entry.record_filed_by:
            by = self.numbered(entry.record_filed_by)
            yield Text(zh=f"记录补交（{by}）", en=f"record filed later ({by})")
        if entry.contradicts:
            by = self.numbered(entry.contradicts)
            yield Text(zh=f"与同日 {by} 不一致", en=f"contradicts {by} of the same day")
        if entry.merged_from is not None:
            case = case_no_of(entry.merged_from.child_id)
            yield Text(zh=f"来自并入的档案 {case}", en=f"came with file {case}")
        if entry.late_days is not None and entry.written_on is not None:
            yield Text(zh=f"迟登 {entry.late_days} 天", en=f"{entry.late_days} days late")
        elif entry.late_days is not None:
            yield Text(zh=f"{entry.late_days} 天后入库", en=f"recorded {entry.late_days} days later")

    def numbered(self, ids: Iterable[UUID]) -> str:
        """Return the numbers of some entries, the id of one that is not among them."""
        return " ".join(f"#{self.numbers[i]}" if i in self.numbers else str(i) for i in ids)


HISTORY: Table[Told] = Table(
    title=Text(zh="历史", en="History"),
    columns=(
        Column(name="version", title=Text(zh="序号", en="No."), of=lambda x: x.entry.version),
        Column(name="occurred_on", title=Text(zh="日期", en="Day"), of=lambda x: x.entry.occurred_on),
        Column(name="occurred_at", title=Text(zh="时间", en="Moment"), of=lambda x: x.entry.occurred_at),
        Column(name="label", title=Text(zh="类型", en="Type"), of=lambda x: x.entry.label),
        Column(
            name="text",
            title=Text(zh="内容", en="Entry"),
            of=lambda x: x.text,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(name="states", title=Text(zh="状态", en="State"), of=lambda x: x.states),
        Column(
            name="recorded_by",
            title=Text(zh="登记人", en="Recorded by"),
            of=lambda x: x.by,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(
            name="written_on", title=Text(zh="书面登记日期", en="Written on"), of=lambda x: x.entry.written_on
        ),
        Column(
            name="recorded_at", title=Text(zh="入库时间", en="Recorded at"), of=lambda x: x.entry.recorded_at
        ),
        Column(name="late_days", title=Text(zh="迟登天数", en="Days late"), of=lambda x: x.entry.late_days),
        Column(
            name="late_reason",
            title=Text(zh="迟登原因", en="Why late"),
            of=lambda x: x.entry.late_reason,
            sensitivity=Sensitivity.PERSONAL,
        ),
        Column(
            name="is_contact",
            title=Text(zh="计为联系", en="Counts as contact"),
            of=lambda x: x.entry.is_contact,
        ),
        Column(name="org", title=Text(zh="机构", en="Organisation"), of=lambda x: x.entry.org),
        Column(name="precision", title=Text(zh="时间精度", en="Precision"), of=lambda x: x.entry.precision),
        Column(name="event_id", title=Text(zh="事件编号", en="Event id"), of=lambda x: x.entry.event_id),
    ),
)


def told(entries: Sequence[Entry], names: Mapping[UUID, str], *, actor: Actor) -> tuple[Told, ...]:
    """Put the entries of one child beside each other, with what the actor is shown of them."""
    hidden = frozenset(FIELDS) - visible(FIELDS, actor, Relation.WITHIN, Purpose.ANSWER)
    kept = {} if "recorded_by" in hidden else names
    numbers = {entry.event_id: entry.version for entry in entries}
    return tuple(Told(entry=_without(entry, hidden), numbers=numbers, names=kept) for entry in entries)


def _without(entry: Entry, hidden: frozenset[str]) -> Entry:
    blank: dict[str, Any] = {name: _BLANK.get(name) for name in hidden}
    return replace(entry, **blank) if blank else entry
