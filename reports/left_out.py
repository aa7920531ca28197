"""The files that an answer had to do without."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from application.reports.reporting import Reports
from application.system import System, reports_of


@dataclass(slots=True)
class LeftOut:
    """The files that an answer had to do without, each with the kind of its fault.

    Children are left out, by their ids. Of an organisation, by its path, only what it says is missing.
    """

    children: dict[UUID, str] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.children or self.organisations)

    def unread_org(self, path: str, kind: str) -> None:
        """Hear of an organisation that can't be read."""
        self.organisations[path] = kind

    def reports(
        self, system: System, *, progress: Callable[[int, int], None] = lambda _done, _total: None
    ) -> Reports:
        """Ask for reports of all but these; `progress` hears how many files were read."""
        return reports_of(
            system, unreadable=self.children.__setitem__, unread_org=self.unread_org, progress=progress
        )

    @property
    def findings(self) -> dict[str, object]:
        """What is missing, as a part of an answer in JSON; nothing where all was read."""
        kinds = {"child": self.children.items(), "organisation": self.organisations.items()}
        found = [
            {"what": what, "where": where, "detail": kind}
            for what, missing in kinds.items()
            for where, kind in missing
        ]
        return {"findings": found} if found else {}
