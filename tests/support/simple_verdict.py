"""The verdict once more, as naively as possible: loops over days and events, sharing no code with `domain`.

Slow and plain on purpose, so that reading it against the rules' text is enough to believe it.
"""

from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

from domain.event import Event
from domain.rules.rule import Filter, Requirement, Rule

_CHINA = timezone(timedelta(hours=8))
_DAY = timedelta(days=1)
_ORDER = [
    "voided", "not_met", "not_connected", "wrong_outcome", "too_short", "wrong_party", "wrong_kind",
    "wrong_actor", "no_record", "same_day",
]  # fmt: skip


@dataclass
class Entry:
    """One event after corrections."""

    id: UUID
    type: str
    day: date
    sort: tuple[datetime, datetime, int]
    said: dict[str, Any]
    void: bool
    org: str
    version: int
    record: bool = False


@dataclass
class Answer:
    """What the naive reading says."""

    status: str
    counted: list[UUID] = field(default_factory=list)
    rejected: list[tuple[UUID, str]] = field(default_factory=list)


def simple_verdict(
    events: list[Event], *, rule: Rule, first: date, last: date, as_of: date, as_known_at: datetime
) -> Answer:
    """Judge `first` to `last`, both inclusive."""
    entries = _entries([e for e in events if e.recorded_at is not None and e.recorded_at <= as_known_at])
    entries = [e for e in entries if e.day <= as_of]
    life = [e for e in entries if not e.void]
    care, endings = _care(life, until=max(last, as_of))
    month_end = datetime(last.year, last.month, last.day, tzinfo=_CHINA) + _DAY
    over = as_of > last or (as_of == last and as_known_at >= month_end - timedelta(microseconds=1))

    statuses, counted, reasons = [], set[UUID](), dict[UUID, list[str]]()
    for requirement in rule.requirements:
        got, refused = _evidence(requirement, entries, endings=endings, first=first, last=last)
        counted |= set(got)
        for event_id, reason in refused:
            reasons.setdefault(event_id, []).append(reason)
        due = _due_days(requirement, life=life, care=care, endings=endings, span=(first, last))
        share = Decimal(due) / Decimal((last - first).days + 1)
        if share < Decimal(str(rule.min_active)):
            statuses.append("not_applicable")
        elif requirement.n is None:
            statuses.append("unspecified")
        elif len(got) >= requirement.n:
            statuses.append("met")
        else:
            statuses.append("short" if over else "pending")
    in_order = [e.id for e in sorted(entries, key=lambda e: e.sort)]
    return Answer(
        status=_whole(statuses),
        counted=[i for i in in_order if i in counted],
        rejected=[
            (i, max(reasons[i], key=_ORDER.index)) for i in in_order if i in reasons and i not in counted
        ],
    )


def _whole(statuses: list[str]) -> str:
    due = [s for s in statuses if s != "not_applicable"]
    if not due:
        return "not_applicable"
    if all(s == "met" for s in due):
        return "met"
    return "short" if "short" in due else "pending" if "pending" in due else "unspecified"


def _entries(events: list[Event]) -> list[Entry]:
    voided = {e.details.target for e in events if e.type == "event_voided"}  # type: ignore[attr-defined]
    entries = []
    for event in events:
        day, at = event.occurred.day, event.occurred.at
        said = {f.name: getattr(event.details, f.name) for f in fields(event.details)}  # type: ignore[arg-type]
        for other in sorted(events, key=lambda e: e.originator_version):
            if other.type != "event_corrected" or other.event_id in voided:
                continue
            if other.details.target != event.event_id:  # type: ignore[attr-defined]
                continue
            change = other.details.fields  # type: ignore[attr-defined]
            if "occurred_on" in change:
                day, at = date.fromisoformat(change["occurred_on"]), None
            said |= change.get("details", {})
        moment = at or datetime(day.year, day.month, day.day, 23, 59, 59, 999999, tzinfo=_CHINA)
        entries.append(
            Entry(
                id=event.event_id,
                type=event.type,
                day=day,
                sort=(moment, _known(event), event.originator_version),
                said=said,
                void=event.event_id in voided,
                org=event.org,
                version=event.originator_version,
                record=bool(said.get("record")),
            )
        )
    return entries


def _care(life: list[Entry], *, until: date) -> tuple[set[date], list[date]]:
    """The days in care, and the last day of every stretch of them."""
    enrolments = [e for e in life if e.type == "child_enrolled"]
    if not enrolments:
        return set(), []
    born: date = enrolments[0].said["birth_date"]
    care, endings = set(), []
    began: date | None = None
    day = min(e.day for e in life)
    while day <= until:
        today = {e.type for e in life if e.day == day}
        if began is None and today & {"child_enrolled", "child_readmitted"}:
            began = day
        if began is not None and _age(born, day) < 18:
            care.add(day)
            if "child_exited" in today or _age(born, day + _DAY) >= 18:
                endings.append(day)
        if "child_exited" in today:
            began = None
        day += _DAY
    return care, endings


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _paired(life: list[Entry], endings: list[date], day: date, kind: str, carers: list[str] | None) -> bool:
    for pairing in life:
        begins = pairing.type in ("pairing_started", "care_handed_over")
        if not begins or pairing.day > day or pairing.said["kind"] != kind:
            continue
        if carers is not None and str(pairing.said["carer"]) not in carers:
            continue
        ended = any(
            e.type in ("pairing_ended", "care_handed_over")
            and e.said["pairing"] == pairing.id
            and e.day <= day
            for e in life
        )
        left = any(pairing.day <= ending < day for ending in endings)
        if ended or left:
            continue
        if not any(pairing.day < change <= day for change in _changes_of_school(life)):
            return True
    return False


def _changes_of_school(life: list[Entry]) -> list[date]:
    """The days on which the child came to another school."""
    placing = [e for e in life if e.type in ("child_enrolled", "child_readmitted", "transfer_accepted")]
    placing.sort(key=lambda e: (e.day, e.version))
    schools = [(e.day, e.org.split("/")[:3]) for e in placing]
    return [later[0] for former, later in pairwise(schools) if former[1] != later[1]]


def _due_days(
    requirement: Requirement,
    *,
    life: list[Entry],
    care: set[date],
    endings: list[date],
    span: tuple[date, date],
) -> int:
    days, (day, last) = 0, span
    while day <= last:
        for_all = any(f.by is None for f in requirement.any_of)
        carer = any(f.by and _paired(life, endings, day, f.by, None) for f in requirement.any_of)
        days += day in care and (for_all or carer)
        day += _DAY
    return days


def _evidence(
    requirement: Requirement, entries: list[Entry], *, endings: list[date], first: date, last: date
) -> tuple[list[UUID], list[tuple[UUID, str]]]:
    got, refused, days = [], [], []
    life = [e for e in entries if not e.void]
    for entry in sorted(entries, key=lambda e: e.sort):
        filters = [f for f in requirement.any_of if f.type == entry.type]
        if not filters or not first <= entry.day <= last:
            continue
        lacking = [_lacking(f, entry, life, endings) for f in filters]
        if entry.void:
            refused.append((entry.id, "voided"))
        elif all(lacking):
            refused.append((entry.id, max((min(x, key=_ORDER.index) for x in lacking), key=_ORDER.index)))
        elif requirement.distinct_days and entry.day in days:
            refused.append((entry.id, "same_day"))
        else:
            got.append(entry.id)
            days.append(entry.day)
    return got, refused


def _lacking(wanted: Filter, entry: Entry, life: list[Entry], endings: list[date]) -> list[str]:
    lacking = []
    said = entry.said
    for name, words in wanted.where.items():
        allowed = set(words)
        if name in ("caller", "called") and "parent" in allowed:
            allowed |= {"father", "mother"}
        value = said[name] if isinstance(said[name], (tuple, list)) else [said[name]]
        if not [v for v in value if str(v) in allowed]:
            lacking.append(
                "wrong_party"
                if name in ("caller", "called", "met")
                else "wrong_kind"
                if name != "outcome"
                else {"home_visit_made": "not_met", "call_made": "not_connected"}[entry.type]
            )
    if wanted.min_minutes is not None and (said["minutes"] or 0) < wanted.min_minutes:
        lacking.append("too_short")
    if wanted.by is not None and not _paired(
        life, endings, entry.day, wanted.by, [str(c) for c in said["carers"]]
    ):
        lacking.append("wrong_actor")
    filed = any(e.type == "record_filed" and e.said["target"] == entry.id for e in life)
    if wanted.record and not entry.record and not filed:
        lacking.append("no_record")
    return lacking


def _known(event: Event) -> datetime:
    assert event.recorded_at is not None
    if event.noted_at is not None and event.noted_at < event.recorded_at:
        return event.noted_at
    return event.recorded_at
