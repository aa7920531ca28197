"""One meeting as its stream tells it."""

from dataclasses import dataclass

from domain.ledger.facts import Facts, view
from domain.streams.meetings.followed_up import MeetingFollowedUp
from domain.streams.meetings.held import MeetingHeld, MeetingKind, MeetingParty

# Who must be there, for it to be a symposium of three parties.
_THREE = frozenset({MeetingParty.TEACHER, MeetingParty.CHILD, MeetingParty.GUARDIAN})


@dataclass(frozen=True, kw_only=True)
class Meeting(Facts):
    """Who was there, and what came of it."""

    @view(MeetingHeld)
    def held(self) -> MeetingHeld | None:
        """What was spoken about, and who was there."""
        return next((said for _, said in self.of(MeetingHeld)), None)

    @view(held)
    def three_parties(self) -> bool | None:
        """Whether all three parties came to a symposium; None for any other meeting."""
        held = self.held
        if held is None or held.kind is not MeetingKind.SYMPOSIUM:
            return None
        return set(held.parties) >= _THREE

    @view(MeetingFollowedUp)
    def done(self) -> tuple[int, ...]:
        """The numbers of the decisions that are done; the latest that is said of one holds."""
        latest = {said.decision: said.done for _, said in self.of(MeetingFollowedUp) if said.decision}
        return tuple(sorted(number for number, done in latest.items() if done))
