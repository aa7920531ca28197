"""Reports: compliance, silence and the figures of a school, read in bulk from the children's streams.

Every figure follows from the events alone, under two clocks: what is true of a day, as known at a moment.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from application.children.cards import Cards
from application.children.listing import ids_in
from application.eventstore.database import Database
from application.eventstore.log import EventLog
from application.organisations.governance import Governing
from application.organisations.registry import Organisations
from application.organisations.units import Unread
from application.readable import Unreadable, readable
from application.reasons import UNKNOWN_RULE
from application.reports.exits import ExitLine, exits_of
from application.reports.figures import Summary, summed_up
from application.reports.judging import Judge, OrgTally
from application.reports.levels import Levels, further_levels
from application.reports.lines import (
    ChildLine,
    ChildVerdicts,
    OrgCompliance,
    SilentChild,
    silent_child,
    silent_for,
)
from application.reports.notes import (
    NO_RULE_BOUND,
    NOTHING_KNOWN,
    ORGANISATION_UNREAD,
    RULE_NOT_BOUND,
    why_nobody,
)
from application.reports.query_clocks import clocks_of
from application.reports.rule_choice import RuleChoice
from domain.card import Card
from domain.care_views import place_on_line
from domain.case_no import case_no_of
from domain.child import Child, fold
from domain.choices import Line
from domain.days import local_day
from domain.ladder import Ladders
from domain.left_behind import DEFINITION, LeftBehindClass, definitions, judged
from domain.org import ancestors
from domain.reasons import BAD_PERIOD, UNKNOWN_CHILD
from domain.refusal import Fault, Reason, Unknown, refuses
from domain.rules.calendar import Calendar
from domain.rules.clocks import Clocks, clocks
from domain.rules.rule_files import RulesByVersion
from domain.rules.verdict import verdict
from domain.streams.organisations.unit import Extension, OrgUnit
from domain.subtree import CHILD_WITHIN, below
from domain.watched import ground_on

# A few at first, as one tells whether there is anybody at all; then twice as many each time, up to the most.
CHILDREN_AT_FIRST, CHILDREN_AT_ONCE = 8, 500
# How many children count as what.
Classes = Counter[LeftBehindClass]


class Reports:
    """Answers about many children at once; the caller has decided whether the asker may know."""

    def __init__(
        self,
        *,
        log: EventLog,
        cards: Cards,
        database: Database,
        organisations: Organisations,
        now: Callable[[], datetime],
        rules: RulesByVersion,
        calendar: Calendar,
        ladders: Ladders,
        unreadable: Unreadable | None = None,
        unread_org: Unread | None = None,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> None:
        """Read from these. `rules` are those that may be evaluated without being bound; `unreadable`
        is called with each file that is left out, `unread_org` with each organisation that can't be read,
        `progress` with how many were read."""
        self._log = log
        self._cards = cards
        self._database = database
        self._organisations = organisations
        self._now = now
        self._choice = RuleChoice(rules=rules, calendar=calendar)
        self._ladders = ladders
        self.unreadable = unreadable
        self.unread_org = unread_org
        self._progress = progress

    @refuses(verdict, UNKNOWN_RULE, BAD_PERIOD)
    def org_compliance(
        self,
        *,
        org: str,
        rule_id: str,
        period: str | None = None,
        as_of: date | None = None,
        as_known_at: datetime | date | None = None,
    ) -> OrgCompliance:
        """Judge every watched child of an organisation for which the rule was bound, and apart the others.

        Who is watched is told by the last day of the period, or by the day asked about while it runs.

        Without a period it is the one that holds `as_of`. Raises `Unknown` for a rule that is not known,
        `Invalid` for a period that is none of the rule.
        """
        asked = clocks_of(self._log, now=self._now(), as_of=as_of, as_known_at=as_known_at)
        known_at = asked.as_known_at if as_known_at is not None else None
        lost: dict[str, str] = {}
        governing = self._organisations.governance.governing_below(org, unread=lost.__setitem__)
        judge = self._judge(governing, asked, known_at=known_at)
        periods = judge.periods(rule_id, period=period)
        tally = OrgTally(judge=judge, org=org, rule_id=rule_id, periods=periods)
        further = further_levels(self._choice.versions(rule_id, governing.bindings))
        children = []
        for child in self._ever(org, asked, known_at_asked=as_known_at is not None):
            tally.add(child)
            if further:
                children.append(child)
        notes = tally.notes(nobody=lambda: why_nobody(self._database, org=org)) if tally.counts else []
        levels = Levels(log=self._log, database=self._database).of(
            further, judge=judge, org=org, period=tally.period, children=children
        )
        return tally.compliance(notes=[*self._of_lost(lost), *notes], levels=levels)

    @refuses(verdict, UNKNOWN_RULE, BAD_PERIOD)
    def child_compliance(
        self,
        child_id: UUID,
        *,
        rule_id: str | None = None,
        period: str | None = None,
        as_of: date | None = None,
        as_known_at: datetime | date | None = None,
    ) -> ChildVerdicts:
        """Judge one child under each rule that is bound for it, or under the one that is named.

        Without a period each rule's current one is judged. Of a child that was enrolled later than `as_of`
        there are none, and a note says so. Raises `Unknown` for a child that is not known or was not then,
        and for such a rule, `Invalid` for a period that is none of the rule that is named.
        """
        asked = clocks_of(self._log, now=self._now(), as_of=as_of, as_known_at=as_known_at)
        known_at = asked.as_known_at if as_known_at is not None else None
        child = self._child_then(child_id, asked, known_at=known_at)
        if child.enrolment is None:
            return ChildVerdicts(items=(), notes=(NOTHING_KNOWN,))
        lost: dict[str, str] = {}
        governing = self._organisations.governance.governing(child.orgs, unread=lost.__setitem__)
        judge = self._judge(governing, asked, known_at=known_at)
        found = tuple(judge.verdicts(child, rule_id=rule_id, period=period))
        notes = self._of_lost(lost)
        if not any(each.bound for each in found):
            notes.append(NO_RULE_BOUND if rule_id is None else RULE_NOT_BOUND)
        return ChildVerdicts(items=found, notes=tuple(notes))

    def judge_below(self, org: str, asked: Clocks) -> Judge:
        """Return who judges the children at and below an organisation by what is bound for them today."""
        governing = self._organisations.governance.governing_below(org, unread=self.unread_org)
        return self._judge(governing, asked, known_at=None)

    def _judge(self, governing: Governing, asked: Clocks, *, known_at: datetime | None) -> Judge:
        return Judge(
            choice=self._choice,
            bindings=governing.bindings,
            extensions=governing.extensions,
            clocks=asked,
            known_at=known_at,
        )

    def _child_then(self, child_id: UUID, asked: Clocks, *, known_at: datetime | None) -> Child:
        """Fold one child as it was. Raises `Unknown` for one that is not known, or was not then."""
        child = fold(child_id, self._log.stream(child_id, known_at=known_at), as_of=asked.as_of)
        if child.enrolment is None:
            now = fold(child_id, self._log.stream(child_id))
            if now.enrolment is None and now.merged is None:
                raise Unknown(Fault(reason=UNKNOWN_CHILD))
            if not child.version:
                raise Unknown(Fault(reason=NOTHING_KNOWN, pointer="/as_known_at"))
        return child

    def why_nobody(
        self, *, org: str = "", on: date | None = None, as_known_at: datetime | date | None = None
    ) -> Reason | None:
        """Return why a report of an organisation's children is of none; None where there were some then."""
        asked = clocks_of(self._log, now=self._now(), as_of=on, as_known_at=as_known_at)
        if any(self.files(org, asked, known_at_asked=as_known_at is not None)):
            return None
        return why_nobody(self._database, org=org)

    def children(
        self,
        *,
        org: str = "",
        uncontacted_days: int | None = None,
        unseen_days: int | None = None,
        on: date | None = None,
        definition: str = DEFINITION,
        left_behind: LeftBehindClass | None = None,
    ) -> tuple[ChildLine, ...]:
        """List children with their silence at the end of a day, for want of it today.

        `uncontacted_days` and `unseen_days` leave out those silent for fewer days, those not in care on that
        day, and those who are not watched then; `left_behind` those who count as something else
        under the definition.
        """
        asked = clocks(now=self._now(), as_of=on)
        extensions = self._extensions(org)
        lines = (
            self._line(child, asked.as_of, extensions=extensions, definition=definition)
            for child in self.cards(org, asked)
        )
        wanted = (
            line
            for line in lines
            if silent_for(line, uncontacted_days=uncontacted_days, unseen_days=unseen_days)
            and left_behind in {None, line.left_behind}
        )
        return tuple(sorted(wanted, key=lambda line: (line.student_no, line.child_id)))

    def children_of(
        self,
        ids: Sequence[UUID],
        *,
        org: str = "",
        uncontacted_days: int | None = None,
        unseen_days: int | None = None,
        on: date | None = None,
        definition: str = DEFINITION,
        left_behind: LeftBehindClass | None = None,
    ) -> Mapping[UUID, ChildLine]:
        """Return what `children` says of some children of an organisation, by their ids."""
        asked = clocks(now=self._now(), as_of=on)
        extensions = self._extensions(org)
        lines = (
            self._line(child, asked.as_of, extensions=extensions, definition=definition)
            for child in self._carded(ids, asked)
            if child.belongs_to(org)
        )
        return {
            line.child_id: line
            for line in lines
            if silent_for(line, uncontacted_days=uncontacted_days, unseen_days=unseen_days)
            and left_behind in {None, line.left_behind}
        }

    def children_page(self, *, org: str, first: int, limit: int) -> tuple[int, tuple[ChildLine, ...]]:
        """Return how many children there are at and below an organisation, and `limit` of them as they are
        today, from the `first` on, by their organisations."""
        known = f"FROM child_status WHERE enrolled_on IS NOT NULL AND {CHILD_WITHIN}"
        row = self._database.one(f"SELECT count(*) AS children {known}", **below(org))
        rows = self._database.all(
            f"SELECT child_id {known} ORDER BY org, child_id LIMIT :limit OFFSET :first",
            **below(org),
            limit=limit,
            first=first,
        )
        asked = clocks(now=self._now())
        extensions = self._extensions(org)
        lines = [
            self._line(child, asked.as_of, extensions=extensions)
            for child in self._carded([row["child_id"] for row in rows], asked)
            if child.belongs_to(org)
        ]
        lines.sort(key=lambda line: (line.org, line.student_no, line.child_id))
        return int(row["children"]) if row else 0, tuple(lines)

    def silent_on(self, day: date, *, org: str = "") -> tuple[SilentChild, ...]:
        """Return what the escalation policy of silence shows at the end of a day."""
        asked = clocks(now=self._now(), as_of=day)
        said = self._organisations.governance.governing_below(org, unread=self.unread_org)
        watched = (
            child
            for child in self.cards(org, asked)
            if ground_on(child, day, extensions=said.extensions) is not None
        )
        ladders = replace(self._ladders, said=said.ladders)
        lines = (silent_child(child, day, ladders) for child in watched)
        return tuple(sorted((x for x in lines if x), key=lambda line: (line.student_no, line.child_id)))

    def summary(self, org: str) -> Summary:
        """Sum up an organisation as it is today."""
        asked = clocks(now=self._now())
        units = self.units(org)
        extensions = self._extensions(org)
        return summed_up(self.files(org, asked), units=units, day=asked.as_of, extensions=extensions)

    def left_behind(
        self, org: str, *, definition: str, on: date | None = None, line: Line = Line.SCHOOL
    ) -> Mapping[str, Classes]:
        """Count the children in care on a day by as what they count, at and below each organisation.

        Each is counted once where it belongs on a line, and so in every organisation above that. Who has no
        place on the line counts where it belongs on the other.
        """
        asked, found = clocks(now=self._now(), as_of=on), dict[str, Classes]()
        for child in self.cards(org, asked):
            if child.in_care(asked.as_of):
                counts_as = judged(child, asked.as_of, definitions()[definition]).found
                for path in ancestors(place_on_line(child.placed, line)):
                    found.setdefault(path, Counter())[counts_as] += 1
        return found

    def exits(self, org: str, *, on: date | None = None) -> list[ExitLine]:
        """List the exits of an organisation's children by a day, those first that are to be looked after."""
        asked = clocks(now=self._now(), as_of=on)
        return exits_of(self.files(org, asked), asked.as_of)

    def units(self, org: str) -> Sequence[OrgUnit]:
        """Return the organisations at and below one, in the order of their paths."""
        return self._organisations.units(below=org, unread=self.unread_org)

    def _extensions(self, org: str) -> Sequence[Extension]:
        return self._organisations.governance.governing_below(org, unread=self.unread_org).extensions

    @staticmethod
    def _line(
        child: Card, day: date, *, extensions: Sequence[Extension], definition: str = DEFINITION
    ) -> ChildLine:
        contact = child.last_contact
        return ChildLine(
            child_id=child.child_id,
            case_no=case_no_of(child.child_id),
            student_no=child.student_no or "",
            name=child.name or "",
            org=child.org,
            last_contact_on=contact.day if contact else None,
            days_silent=child.days_silent(day),
            last_seen_on=child.last_sighting.day if child.last_sighting else None,
            days_child_unseen=child.days_child_unseen(day),
            ground=ground_on(child, day, extensions=extensions) if child.in_care(day) else None,
            left_behind=judged(child, day, definitions()[definition]).found,
        )

    def _of_lost(self, lost: Mapping[str, str]) -> list[Reason]:
        """Tell of the organisations that a verdict had to do without; give the note that says so."""
        for path, fault in lost.items():
            if self.unread_org is not None:
                self.unread_org(path, fault)
        return [ORGANISATION_UNREAD] if lost else []

    def cards(self, org: str, asked: Clocks) -> Iterator[Card]:
        """Go through the cards of every child that is enrolled in the organisation on the day asked about."""
        past = asked.as_of < local_day(self._now())
        return (card for card in self._carded(self._ids(org, past=past), asked) if card.belongs_to(org))

    def files(self, org: str, asked: Clocks, *, known_at_asked: bool = False) -> Iterator[Child]:
        """Fold every child that is enrolled in the organisation under these clocks."""
        past = known_at_asked or asked.as_of < local_day(self._now())
        for child in self._folded(self._ids(org, past=past), asked, known_at_asked=known_at_asked):
            if child.belongs_to(org):
                yield child

    def _ever(self, org: str, asked: Clocks, *, known_at_asked: bool) -> Iterator[Child]:
        """Fold every child that is enrolled and was ever in the organisation, under these clocks."""
        return self._folded(self._ids(org, past=True), asked, known_at_asked=known_at_asked)

    def _folded(self, ids: Sequence[UUID], asked: Clocks, *, known_at_asked: bool) -> Iterator[Child]:
        known_at = asked.as_known_at if known_at_asked else None
        for some in self._portions(ids):
            for child_id, events in readable(self._log, some, known_at=known_at, unreadable=self.unreadable):
                child = fold(child_id, events, as_of=asked.as_of)
                if child.enrolment is not None:
                    yield child

    def _carded(self, ids: Sequence[UUID], asked: Clocks) -> Iterator[Card]:
        """Do the same with their cards, as known now."""
        for some in self._portions(ids):
            for _, card in self._cards.of(some, as_of=asked.as_of, unreadable=self.unreadable):
                if card.profile is not None:
                    yield card

    def _portions(self, ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
        """Part many ids into those that are read at once, and tell how far that has come."""
        start, at_once = 0, CHILDREN_AT_FIRST
        while start < len(ids):
            self._progress(start, len(ids))
            some = ids[start : start + at_once]
            start, at_once = start + len(some), min(2 * at_once, CHILDREN_AT_ONCE)
            yield some

    def _ids(self, org: str, *, past: bool) -> list[UUID]:
        return ids_in(self._database, org, past=past)
