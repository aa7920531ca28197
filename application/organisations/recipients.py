"""Who is told of the alerts of a unit and of those below it."""

from datetime import datetime
from uuid import UUID

from application.access import Actor
from application.basis import UNBOUND, Basis
from application.organisations.units import Units, Unread
from application.reasons import UNKNOWN_RECIPIENT
from domain.event import Details
from domain.org import ROOT, ancestors, county_of
from domain.refusal import Fault, Reason, Unknown, conflict, refuses
from domain.streams.organisations.unit import OrgUnit, RecipientRegistered, RecipientRemoved

LAST_CATCH_ALL = Reason(
    code="last_catch_all",
    zh="至少要保留一名兜底接收人，请先登记另一名",
    en="At least one catch-all recipient must remain. Register another first.",
)


class Recipients:
    """The recipients of every unit, those of the operator at the root of all."""

    def __init__(self, *, units: Units) -> None:
        self._units = units

    @refuses(Units.manage, Basis.refuse_other, LAST_CATCH_ALL)
    def register(
        self, path: str, *, details: RecipientRegistered, actor: Actor, basis: Basis = UNBOUND
    ) -> int:
        """Register who is told of alerts of a unit, or replace what is known; return the version of that.

        The same is nothing new.
        """

        def decision(unit: OrgUnit) -> Details | None:
            known = unit.recipients.get(details.recipient)
            if known == details:
                return None
            basis.refuse_other(unit.recipient_versions[details.recipient] if known else 0)
            if known is not None and known.catch_all and not details.catch_all:
                self._refuse_last_catch_all(path)
            return details

        return self._units.manage(path, actor=actor, decision=decision).recipient_versions[details.recipient]

    @refuses(Units.manage, Basis.refuse_other, LAST_CATCH_ALL, UNKNOWN_RECIPIENT)
    def remove(self, path: str, *, recipient: UUID, actor: Actor, basis: Basis = UNBOUND) -> None:
        """Remove a recipient; one that was removed already stays so.

        Raises `Unknown`; raises `Conflict` for the last catch-all there is.
        """

        def decision(unit: OrgUnit) -> Details | None:
            version, found = unit.recipient_versions.get(recipient), unit.recipients.get(recipient)
            if version is None:
                raise Unknown(Fault(reason=UNKNOWN_RECIPIENT))
            if found is None:
                return None
            basis.refuse_other(version)
            if found.catch_all:
                self._refuse_last_catch_all(path)
            return RecipientRemoved(recipient=recipient)

        self._units.manage(path, actor=actor, decision=decision)

    def listed(
        self, *, within_org: str = "", unread: Unread | None = None
    ) -> list[tuple[str, RecipientRegistered]]:
        """Return every recipient with the unit that it is registered at, of every unit that can be read.

        `unread` is told of the others.
        """
        units = self._units.readable(
            [*([] if within_org else [ROOT]), *self._units.paths(below=within_org)], unread=unread
        )
        return [(path, r) for path, unit in units.items() for r in unit.recipients.values()]

    def find(self, recipient: UUID) -> tuple[str, RecipientRegistered] | None:
        """Find a recipient, with the unit that it is registered at, by its id alone."""
        return next(((path, known) for path, known in self.listed() if known.recipient == recipient), None)

    def removed_at(self, recipient: UUID) -> str | None:
        """Return the unit that a recipient was removed from; None for one that never was."""
        units = self._units.readable([ROOT, *self._units.paths()])
        return next((path for path, unit in units.items() if recipient in unit.recipient_versions), None)

    def version(self, path: str, recipient: UUID) -> int:
        """Return the version of a recipient that is registered at a unit."""
        return self._units.load([path])[path].recipient_versions[recipient]

    def above(
        self, org: str, *, known_at: datetime | None = None, readable: bool = False
    ) -> list[tuple[str, RecipientRegistered]]:
        """Return the recipients of a unit and of those above it, nearest first, as known at a moment.

        With `readable` those of units that can't be read are left out.
        """
        load = self._units.readable if readable else self._units.load
        units = load(list(ancestors(org)), known_at=known_at)
        return [(path, r) for path, unit in units.items() for r in unit.recipients.values()]

    def at_root(self, *, known_at: datetime | None = None) -> list[RecipientRegistered]:
        """Return the operator's own recipients, who are told what nobody of a tree could be told."""
        units = self._units.readable([ROOT], known_at=known_at)
        return [r for unit in units.values() for r in unit.recipients.values()]

    def _refuse_last_catch_all(self, path: str) -> None:
        """Refuse to lose the last catch-all of a county's tree, of which the operator's is one."""
        known = self.at_root()
        if path != ROOT:
            known += [r for _, r in self.listed(within_org=county_of(path))]
        if sum(r.catch_all for r in known) <= 1:
            raise conflict(LAST_CATCH_ALL)
