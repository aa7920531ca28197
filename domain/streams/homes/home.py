"""One children's home as its stream tells it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.ledger.facts import Facts, view
from domain.streams.homes.closed import HomeClosed
from domain.streams.homes.opened import HomeOpened
from domain.streams.homes.session_held import HomeSessionHeld
from domain.streams.homes.staffed import HomeRole, HomeStaffed
from domain.streams.homes.stock import EquipmentLent, EquipmentReturned, HomeStocked


@dataclass(frozen=True, kw_only=True)
class Home(Facts):
    """Who looks after it, how often it was open, what it has to lend."""

    @view(HomeOpened)
    def opened(self) -> HomeOpened | None:
        """What it is called, and where it is."""
        return next((said for _, said in self.of(HomeOpened)), None)

    @view(HomeStaffed)
    def manager(self) -> UUID | None:
        """The carer who looks after it: the one that was named last."""
        named = [said.carer for _, said in self.of(HomeStaffed) if said.role is HomeRole.MANAGER]
        return named[-1] if named else None

    @view(HomeSessionHeld)
    def sessions(self) -> int:
        """How often it was open."""
        return sum(1 for _ in self.of(HomeSessionHeld))

    @view(EquipmentLent)
    def loans(self) -> Mapping[UUID, str]:
        """What went out, by the event id of the loan."""
        return {fact.event_id: said.item for fact, said in self.of(EquipmentLent)}

    @view(EquipmentReturned)
    def returned(self) -> tuple[UUID, ...]:
        """The loans that came back."""
        return tuple(said.loan for _, said in self.of(EquipmentReturned))

    @view(HomeStocked, loans, returned)
    def there(self) -> Mapping[str, int]:
        """How many things of each kind are there to be lent."""
        count: Counter[str] = Counter()
        for _, said in self.of(HomeStocked):
            count[said.item] += said.quantity
        back = set(self.returned)
        for loan, item in self.loans.items():
            count[item] -= loan not in back
        return dict(count)

    @view(HomeClosed)
    def closed(self) -> bool:
        """Whether no children come there any more."""
        return any(self.of(HomeClosed))
