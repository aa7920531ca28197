"""The new events of one activity on their way into a transaction, with those whom they name."""

from dataclasses import replace
from typing import Any, ClassVar
from uuid import UUID

from msgspec.structs import replace as restated

from application.access import Action, require
from application.activities.lists import Lists
from application.reasons import ID_IN_USE, UNKNOWN_CARER
from application.recording.session import Opened, Session, in_reach
from domain.catalogue import kind_of
from domain.choices import ActivityKind
from domain.event import Details, Event, NewEvent
from domain.refusal import Fault, Invalid, Unknown, conflict
from domain.streams.activities.activity import Activity, ActivityAmended, ActivityHeld
from domain.streams.activities.following import action_written
from domain.streams.activities.kind import KIND


class ActivitySession(Session[Activity]):
    """The new events of one activity."""

    # The files of its children have a limit each; activities never had one.
    LIMITED: ClassVar[bool] = False

    def __init__(self, opened: Opened, *, lists: Lists) -> None:
        super().__init__(KIND, opened)
        self._lists = lists

    def prepared(self, new_event: NewEvent) -> NewEvent:
        """Return a new event whose lists name children by id, where its actor may record it.

        Raises `Unknown`, `Forbidden`, and `Conflict` where the id belongs to a stream of another kind.
        """
        self._refuse_out_of_reach(new_event.details, org=new_event.org)
        details = self._lists.resolved(
            new_event.details, self.state, event_id=new_event.event_id, actor=self._actor
        )
        return restated(new_event, details=details)

    def says_the_same(self, known: Event, new_event: NewEvent) -> bool:
        """Return whether a new event repeats an event. Its recorder may see more by now, or less."""
        recorder = not new_event.recorder_said or known.recorded_by == new_event.recorded_by
        # The day of a change is the day on which it was first said.
        occurred = known.occurred if not isinstance(known.details, ActivityHeld) else new_event.occurred
        content = (known.occurred, _unscoped(known.details), known.written_on)
        return known.erased or (
            recorder and content == (occurred, _unscoped(new_event.details), new_event.written_on)
        )

    def refuse_unknown_carers(self, new_event: NewEvent, *, org: str) -> None:
        """Refuse carers who are not registered, or of whom the actor or the county may know nothing."""
        named = _carers(new_event.details)
        orgs, counties = self._scope.carer_orgs(named), self.counties(org)
        missing = [c for c in named if not in_reach(orgs[c], actor=self._actor, counties=counties)]
        if missing:
            raise Invalid(*(Fault(reason=UNKNOWN_CARER, pointer=named[c]) for c in missing))

    def _refuse_out_of_reach(self, details: Details, *, org: str | None) -> None:
        actor = self._actor
        require(actor, Action.SUBMIT, org=actor.org, event_type=details.TYPE)
        if isinstance(details, ActivityHeld):
            if details.kind is ActivityKind.VISIT_DAY:
                require(actor, Action.SUBMIT, org=actor.org, event_type=action_written(visits=True).type)
            assert org is not None
            require(actor, Action.SUBMIT, org=org)
            if self._stream and kind_of(self._stream[0]) is not KIND:
                raise conflict(ID_IN_USE)
        elif self.state.held is None:
            raise Unknown(Fault(reason=KIND.unknown))
        if self.state.held is not None:
            require(actor, Action.SUBMIT, org=self.state.org)


def _unscoped(details: Any) -> Details:
    """Leave out how far the recorder saw."""
    if isinstance(details, ActivityHeld | ActivityAmended):
        return replace(details, scope="")
    unscoped: Details = details
    return unscoped


def _carers(details: Details) -> dict[UUID, str]:
    """Return the carers of an activity and of its visits, each with its JSON pointer."""
    if not isinstance(details, ActivityHeld | ActivityAmended):
        return {}
    named: dict[UUID, str] = {}
    if isinstance(details, ActivityHeld):
        named = {carer: f"/details/carers/{i}" for i, carer in enumerate(details.carers)}
    for i, participant in enumerate(details.participants):
        for j, carer in enumerate(participant.found.carers if participant.found else ()):
            named.setdefault(carer, f"/details/participants/{i}/found/carers/{j}")
    return named
