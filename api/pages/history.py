"""The history of a child as a page under both clocks, with its verdicts; and as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import falcon

from api.exchange import actor_of, exchange_of
from api.histories import wanted_entries
from api.language import in_language
from api.operation import CLOCKS, FROM, LATE, TO, TYPE
from api.pages.cells import linked
from api.pages.rendering import Page, link, render, shown
from api.pages.report import put_file
from api.pages.visitors import Visitor
from api.reading import StreamRead, read_stream
from application.reasons import NOT_FOUND
from application.reports.lines import ChildVerdict
from application.reports.notes import NOTHING_KNOWN
from application.visibility import Purpose
from domain.catalogue import event_types, submitted_types
from domain.child import Child
from domain.days import local_day
from domain.history import carers_in, history
from domain.org import county_of
from domain.refusal import Fault, Reason, Unknown
from reports import cells
from reports.answering import counted, of_clocks
from reports.csv_file import csv_of
from reports.history import HISTORY, Told, told
from reports.left_out import LeftOut
from reports.people import called as called_by
from reports.report import ONE_CHILD
from reports.showing import shown_to
from reports.workbook import workbook_of

ASKED = tuple(param.name for param in (*CLOCKS, TYPE, FROM, TO, LATE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A child as a request asks for it: its state, the entries that are wanted, what they don't say."""

    read: StreamRead[Child]
    rows: tuple[Told, ...]
    notes: tuple[Reason, ...]


class HistoryPage(Page):
    """The history of a child."""

    @shown(*ASKED)
    def on_get(self, req: falcon.Request, resp: falcon.Response, visitor: Visitor, child_id: UUID) -> None:
        """Show who the child is, how the rules that hold for it came out, and every entry in order."""
        seen, language = self.seen(req, child_id), exchange_of(req).language
        child, clocks = seen.read.state, seen.read.clocks
        contact, sighting = child.last_contact, child.last_sighting
        render(
            req,
            resp,
            "history.html",
            visitor=visitor,
            child=child,
            called=called_by(child, actor=visitor.actor),
            in_care=child.in_care(clocks.as_of),
            last_contact=contact.day if contact else None,
            days_silent=child.days_silent(clocks.as_of),
            last_seen=sighting.day if sighting else None,
            days_unseen=child.days_child_unseen(clocks.as_of),
            anchors=(child.anchor, child.unseen_anchor),
            labels={name: each.label for name, each in event_types().items()},
            rows=seen.rows,
            beside=seen.notes,
            head=counted(ONE_CHILD, clocks),
            verdicts=self._verdicts(req, seen),
            days={fact.event_id: fact.day for fact in child.entries},
            types={name: event_types()[name].label for name in submitted_types()},
            asked={name: req.params.get(name, "") for name in ASKED},
            numbers={row.entry.version for row in seen.rows},
            linked=linked,
            local=lambda moment: cells.in_language(moment, language),
            file=lambda form: link(req, f"/children/{child_id}/history.{form}", req.params),
        )

    def seen(self, req: falcon.Request, child_id: UUID) -> Seen:
        """Read a child. Raises `Unknown` where the visitor may not know of it, and `Invalid`."""
        read = read_stream(req, self.system, self.system.record, child_id)
        counties = {county_of(org) for org in self.system.record.kind.orgs(read.state)}
        called = self.system.carers.called(carers_in(read.state), counties=counties)
        entries = history(read.state, called=called)
        wanted = {entry.event_id for entry in wanted_entries(req, entries)}
        # Whose key it was is for who sits at the ledger's terminal.
        rows = tuple(r for r in told(entries, {}, actor=actor_of(req)) if r.entry.event_id in wanted)
        notes = () if entries else (NOTHING_KNOWN,)
        return Seen(read=read, rows=rows, notes=(*notes, *of_clocks(read.clocks, now=self.system.now())))

    def _verdicts(self, req: falcon.Request, seen: Seen) -> Sequence[ChildVerdict]:
        """Judge the child by every rule that is bound for it, in the period that holds the day."""
        asked = "as_known_at" in req.params
        found = (
            LeftOut()
            .reports(self.system)
            .child_compliance(
                seen.read.state.child_id,
                as_of=seen.read.clocks.as_of,
                as_known_at=seen.read.clocks.as_known_at if asked else None,
            )
        )
        return found.items


class HistoryFile(HistoryPage):
    """The history of a child as a file."""

    @shown(*ASKED)
    def on_get(
        self, req: falcon.Request, resp: falcon.Response, visitor: Visitor, child_id: UUID, form: str
    ) -> None:
        """Answer with the entries that are asked for, as CSV or as a workbook."""
        if form not in ("csv", "xlsx"):
            raise Unknown(Fault(reason=NOT_FOUND))
        seen, language = self.seen(req, child_id), exchange_of(req).language
        filled = shown_to(HISTORY.filled(seen.rows), visitor.actor, Purpose.EXPORT)
        put_file(resp, form, f"history-{child_id}-{local_day(self.system.now())}")
        if form == "csv":
            resp.stream = csv_of(filled, language)
            return
        head = in_language(counted(ONE_CHILD, seen.read.clocks), language)
        says = [(each.code, in_language(each, language)) for each in seen.notes]
        resp.data = workbook_of(
            [filled], language=language, about=[("", head), *says], made_at=self.system.now()
        )
