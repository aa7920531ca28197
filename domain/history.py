"""The history of a stream for people: every entry, as it was said, what became of it, and when we knew."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from domain.choices import Precision
from domain.effects import Effect
from domain.ledger.contradictions import contradicted_by
from domain.ledger.event_type import DECLARES
from domain.ledger.fact import Fact
from domain.ledger.facts import Facts
from domain.refusal import Text
from domain.streams.carers.carer import Called, name_at
from domain.wire import to_wire
from domain.wording import Language, line_in, line_of


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The entry of a file that was merged into this one, of which an entry comes."""

    child_id: UUID
    event_id: UUID


# Neither frozen nor with slots: both cost more than the rest of making an entry and writing it as JSON.
@dataclass(kw_only=True)
class Entry:
    """One line of the history, as it stands under the two clocks of the facts it was made from.

    `occurred_on`, `occurred_at`, `written_on` and `details` are as corrected; `as_recorded` holds the
    original wire values of those that a correction changed. `text` is the entry in one line; where a language
    was chosen, it and the label are by that alone. `contradicts` are entries of the same day that say
    otherwise, while no time tells which holds. `approximate` names the numbers among the details that are not
    exact. `merged_from` is where an entry comes from that came by a merge.
    """

    event_id: UUID
    type: str
    label: Text | Mapping[str, str]
    text: Text | Mapping[str, str]
    version: int
    position: int | None
    occurred_on: date
    occurred_at: datetime | None
    precision: Precision
    approximate: tuple[str, ...]
    written_on: date | None
    recorded_at: datetime | None
    recorded_by: str
    actor: str
    principal: UUID | None
    key: str | None
    channel: str
    org: str
    late_days: int | None
    late_reason: str | None
    is_contact: bool
    details: Mapping[str, Any]
    as_recorded: Mapping[str, Any]
    corrected_by: tuple[UUID, ...]
    record_filed_by: tuple[UUID, ...]
    voided_by: UUID | None
    erased: bool
    noted_at: datetime | None
    contradicts: tuple[UUID, ...]
    merged_from: Origin | None = None


def history(
    state: Facts, *, called: Mapping[UUID, Called], language: Language | None = None
) -> tuple[Entry, ...]:
    """Return every entry of a stream, void ones too, in its order.

    `called` are the names of carers by id; one that is missing is shown by its id. An entry shows the name
    of its own moment: when it happened, but none that became known after it was recorded. With a `language`
    it is worded in that one alone, which takes less time.
    """
    against = contradicted_by(state)
    # Whoever has gone by one name only went by it at every moment.
    always = {carer: names[0][1] for carer, names in called.items() if len(names) == 1}
    changed = {carer: names for carer, names in called.items() if len(names) > 1}
    entries = tuple(
        _entry(
            fact,
            always | _names_then(fact, changed) if changed else always,
            against.get(fact.event_id, ()) if against else (),
            language,
        )
        for fact in state.entries
    )
    for entry, fact in zip(entries, state.entries, strict=True):
        entry.is_contact = fact.voided_by is None and state.counts_as_contact(fact)
    if files := _files_taken_over(state):
        for entry, fact in zip(entries, state.entries, strict=True):
            entry.merged_from = _origin(fact, files)
    return entries


def _files_taken_over(state: Facts) -> Mapping[UUID | None, UUID]:
    """Return the children whose files were merged into this one, by the events that merged them."""
    return {
        fact.event.metadata.causation_id: fact.details.child
        for fact in state.entries
        if DECLARES[type(fact.details), Effect.TAKES_OVER]
    }


def _origin(fact: Fact, files: Mapping[UUID | None, UUID]) -> Origin | None:
    child_id, source = files.get(fact.event.metadata.causation_id), fact.event.source_event_id
    return Origin(child_id=child_id, event_id=source) if child_id is not None and source is not None else None


def carers_in(state: Facts) -> tuple[UUID, ...]:
    """Return the carers that entries speak of: those whose names `history` wants."""
    named = [carer for fact in state.entries for carer in fact.event_type.carers(fact.details)]
    return tuple({carer.int: carer for carer in named}.values())


def _names_then(fact: Fact, called: Mapping[UUID, Called]) -> dict[UUID, str]:
    carers = [carer for carer in fact.event_type.carers(fact.details) if carer in called]
    if not carers:
        return {}
    moment = min(fact.occurred.instant, fact.event.recorded_at or datetime.max.replace(tzinfo=UTC))
    named = {carer: name_at(called[carer], moment) for carer in carers}
    return {carer: name for carer, name in named.items() if name is not None}


def _entry(
    fact: Fact,
    names: Mapping[UUID, str],
    contradicts: tuple[UUID, ...],
    language: Language | None,
) -> Entry:
    event, occurred, metadata = fact.event, fact.occurred, fact.event.metadata
    label, text = _worded(fact, names, language)
    return Entry(
        event_id=event.event_id,
        type=event.type,
        label=label,
        text=text,
        version=event.originator_version,
        position=event.position,
        occurred_on=occurred.day,
        occurred_at=occurred.at,
        precision=occurred.precision,
        approximate=(),
        written_on=fact.written_on,
        recorded_at=event.recorded_at,
        recorded_by=event.recorded_by,
        actor=metadata.actor,
        principal=metadata.principal,
        key=metadata.key,
        channel=str(metadata.channel),
        org=event.org,
        late_days=fact.late_days,
        late_reason=event.late_reason,
        is_contact=False,
        details=to_wire(fact.details),
        as_recorded=dict(_changed(fact)) if fact.corrected_by else {},
        corrected_by=fact.corrected_by,
        record_filed_by=fact.record_filed_by,
        voided_by=fact.voided_by,
        erased=event.erased,
        noted_at=event.noted_at,
        contradicts=contradicts,
    )


def _worded(
    fact: Fact, names: Mapping[UUID, str], language: Language | None
) -> tuple[Text | Mapping[str, str], Text | Mapping[str, str]]:
    """Return the label of an entry and its line, in both languages or in one."""
    label = fact.event_type.label
    if language is None:
        return label, line_of(label, fact.details, names)
    said = line_in(language, label, fact.details, names)
    return {language: getattr(label, language)}, {language: said}


def _changed(fact: Fact) -> Iterator[tuple[str, Any]]:
    event = fact.event
    if event.occurred != fact.occurred:
        yield "occurred_on", event.occurred.day.isoformat()
        if event.occurred.at:
            yield "occurred_at", event.occurred.at.isoformat()
    if event.written_on != fact.written_on:
        yield "written_on", event.written_on and event.written_on.isoformat()
    if event.details != fact.details:
        now, then = to_wire(fact.details), to_wire(event.details)
        yield "details", {n: then.get(n) for n in now | then if now.get(n) != then.get(n)}
